import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { decode, initSync } from '@stellar/stellar-xdr-json';
import { bytesToHex, parseTransaction } from 'viem';
import { z } from 'zod';

initSync(readFileSync(createRequire(import.meta.url).resolve('@stellar/stellar-xdr-json/stellar_xdr_json_bg.wasm')));

/** What a signed transaction competes for on its chain, by decoders that the signer does not use. */
export interface Competing {
  /** The range, the nonce or the authorization that the chain consumes once. */
  readonly lane: string;
  /** All that the one authorization says. */
  readonly authorization?: string;
}

const number = z.union([z.string(), z.number()]).transform((text) => BigInt(text));
const entry = z.object({
  credentials: z.object({
    address: z.object({ address: z.string(), nonce: number, signature_expiration_ledger: number }),
  }),
  root_invocation: z.unknown(),
});
const body = z.union([
  z.object({ bump_sequence: z.object({ bump_to: number }) }),
  z.object({ invoke_host_function: z.object({ auth: z.tuple([entry]) }) }),
  z.object({ payment: z.unknown() }),
]);
const envelope = z.object({
  tx: z.object({
    tx: z.object({ source_account: z.string(), seq_num: number, operations: z.array(z.object({ body })) }),
  }),
});

const LANE_WIDTH = 1024n;

/** @param signed as the signer answered it. @param address whose nonce an EVM transaction takes. */
export function competingOf(
  kind: 'stellar' | 'stellarAuthorization' | 'evm',
  signed: Uint8Array,
  address: string,
): Competing {
  if (kind === 'evm') {
    const { nonce = 0 } = parseTransaction(bytesToHex(signed) as `0x02${string}`);
    return { lane: `nonce ${nonce} of ${address}` };
  }
  if (kind === 'stellarAuthorization') return ofEntry(entry.parse(read('SorobanAuthorizationEntry', signed)));
  const {
    source_account: source,
    seq_num: sequence,
    operations,
  } = envelope.parse(read('TransactionEnvelope', signed)).tx.tx;
  const last = operations.at(-1)?.body;
  if (last !== undefined && 'invoke_host_function' in last) return ofEntry(last.invoke_host_function.auth[0]);
  const range = (sequence - 1n) / LANE_WIDTH;
  const closes =
    last !== undefined && 'bump_sequence' in last && last.bump_sequence.bump_to === (range + 1n) * LANE_WIDTH;
  if (!closes) throw new Error(`${source} ${sequence}: expected the range to be closed by the last operation`);
  return { lane: `range ${range} of ${source}` };
}

function ofEntry({ credentials, root_invocation: invocation }: z.infer<typeof entry>): Competing {
  const { address, nonce, signature_expiration_ledger: expiration } = credentials.address;
  return {
    lane: `authorization ${nonce} of ${address}`,
    authorization: `until ${expiration}: ${JSON.stringify(invocation)}`,
  };
}

function read(type: string, bytes: Uint8Array): unknown {
  return JSON.parse(decode(type, Buffer.from(bytes).toString('base64')));
}
