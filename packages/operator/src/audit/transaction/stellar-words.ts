import { z } from 'zod';
import { DecodeError } from './signed-intent.ts';

const issued = z.strictObject({ asset_code: z.string(), issuer: z.string() });
const assetSchema = z.union([
  z.literal('native'),
  z.strictObject({ credit_alphanum4: issued }),
  z.strictObject({ credit_alphanum12: issued }),
]);
const memoSchema = z.union([
  z.literal('none'),
  z.strictObject({ text: z.string() }),
  z.strictObject({ id: z.string() }),
  z.strictObject({ hash: z.string() }),
  z.strictObject({ return: z.string() }),
]);

/** The CAIP-19 id of an asset, from SEP-51 JSON. */
export function assetId(network: string, json: unknown): string {
  const { data } = assetSchema.safeParse(json);
  if (data === undefined) throw new DecodeError('an asset of another kind');
  if (data === 'native') return `${network}/slip44:148`;
  const { asset_code: code, issuer } = 'credit_alphanum4' in data ? data.credit_alphanum4 : data.credit_alphanum12;
  return `${network}/asset:${code}-${issuer}`;
}

/** A memo as events have it: `text:…`, `id:…`, `hash:…`, `return:…`. */
export function memoText(json: unknown): string | undefined {
  const { data } = memoSchema.safeParse(json);
  if (data === undefined) throw new DecodeError('a memo of another kind');
  if (data === 'none') return undefined;
  if ('text' in data) return `text:${unescaped(data.text).toString('utf8')}`;
  if ('id' in data) return `id:${data.id}`;
  return 'hash' in data ? `hash:${data.hash}` : `return:${data.return}`;
}

const ESCAPES: Readonly<Record<string, number>> = { '0': 0, t: 9, n: 10, r: 13, '\\': 92 };

/** SEP-51 writes every byte outside printable ASCII as an escape. */
function unescaped(text: string): Buffer {
  const bytes = [...text.matchAll(/\\x([0-9a-f]{2})|\\(.)|([^\\])/g)].map(([, hex, letter, plain]) =>
    hex !== undefined ? Number.parseInt(hex, 16) : letter !== undefined ? ESCAPES[letter] : plain?.charCodeAt(0),
  );
  return Buffer.from(bytes.map((byte) => byte ?? Number.NaN));
}
