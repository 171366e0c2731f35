import { decodeBase64 } from './base64.ts';
import { SshsigError } from './error.ts';
import { MAX_SSHSIG } from './limits.ts';

const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
const MAX_TEXT = 256 * 1024;
const MAX_COLUMNS = 76;

/**
 * Takes every armored signature out of a text: what `ssh-keygen -Y sign` writes, one after the other. Nothing but empty lines
 * stands between them.
 * @returns the signatures as {@link verifySshsig} takes them; none for an empty text.
 * @throws SshsigError TOO_LARGE, MALFORMED, NOT_CANONICAL
 */
export function dearmor(text: string): Uint8Array[] {
  if (text.length > MAX_TEXT) throw new SshsigError('TOO_LARGE', `armor: expected at most ${MAX_TEXT} characters`);
  const blobs: Uint8Array[] = [];
  let open: string[] | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const where = `armor: line ${index + 1}`;
    if (open === undefined) {
      if (line === BEGIN) open = [];
      else if (line !== '') throw new SshsigError('MALFORMED', `${where}: expected ${BEGIN}`);
    } else if (line === END) {
      blobs.push(decodeBase64('armor', open.join(''), MAX_SSHSIG));
      open = undefined;
    } else {
      if (line === '' || line.length > MAX_COLUMNS) {
        throw new SshsigError('MALFORMED', `${where}: expected 1–${MAX_COLUMNS} characters of base64, or ${END}`);
      }
      open.push(line);
    }
  }
  if (open !== undefined) throw new SshsigError('MALFORMED', `armor: expected ${END} before the end`);
  return blobs;
}
