import { SshsigError } from './error.ts';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Decodes base64 (RFC 4648, section 4) of which there is one spelling: padded, and with zeros in the bits that say nothing.
 * @throws SshsigError TOO_LARGE (above `maxBytes`), MALFORMED, NOT_CANONICAL
 */
export function decodeBase64(field: string, text: string, maxBytes: number): Uint8Array {
  if (text.length > Math.ceil(maxBytes / 3) * 4) {
    throw new SshsigError('TOO_LARGE', `${field}: expected at most ${maxBytes} bytes`);
  }
  if (!BASE64.test(text)) throw new SshsigError('MALFORMED', `${field}: expected base64`);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) {
    throw new SshsigError('NOT_CANONICAL', `${field}: expected base64 with its padding and without spare bits`);
  }
  if (bytes.length > maxBytes) throw new SshsigError('TOO_LARGE', `${field}: expected at most ${maxBytes} bytes`);
  return new Uint8Array(bytes);
}
