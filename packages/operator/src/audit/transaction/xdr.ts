import { readFileSync } from 'node:fs';
import { decode, encode, initSync } from '@stellar/stellar-xdr-json';
import { DecodeError } from './signed-intent.ts';

let loaded = false;

/** XDR as the Rust implementation reads it (SEP-51 JSON); bytes that it would write otherwise are refused. */
export function decodeXdr(type: string, bytes: Uint8Array): unknown {
  load();
  const base64 = Buffer.from(bytes).toString('base64');
  let json: string;
  try {
    json = decode(type, base64);
  } catch {
    throw new DecodeError(`not the XDR of ${type}`);
  }
  if (encode(type, json) !== base64) throw new DecodeError('encoding it again gives other bytes');
  return JSON.parse(json);
}

/** The bytes of what SEP-51 JSON says. */
export function encodeXdr(type: string, json: unknown): Uint8Array {
  load();
  try {
    return Buffer.from(encode(type, JSON.stringify(json)), 'base64');
  } catch {
    throw new DecodeError(`expected what ${type} is made of, got ${JSON.stringify(json)}`);
  }
}

function load(): void {
  if (loaded) return;
  const wasm = import.meta.resolve('@stellar/stellar-xdr-json/stellar_xdr_json_bg.wasm');
  initSync(readFileSync(new URL(wasm)));
  loaded = true;
}
