import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import init, { decode } from '@stellar/stellar-xdr-json';

/** XDR as the Rust implementation reads it: an independent look at what the ledger writes. */
export type Oracle = (type: string, xdr: { toXdr(format: 'base64'): string } | string) => unknown;

export async function loadOracle(): Promise<Oracle> {
  const wasm = createRequire(import.meta.url).resolve('@stellar/stellar-xdr-json/stellar_xdr_json_bg.wasm');
  await init(await readFile(wasm));
  return (type, xdr) => JSON.parse(decode(type, typeof xdr === 'string' ? xdr : xdr.toXdr('base64')));
}
