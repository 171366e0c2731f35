import { createHash } from 'node:crypto';
import type { SignerClient } from '@countersign/contract/grpc';
import type { Backend } from '@countersign/custody/backend';
import { stellarRequest } from '../harness/requests.ts';
import type { SignerWorld } from '../harness/signers.ts';

export type Call = () => Promise<unknown>;

let payouts = 0;

/** Each call signs a transaction of its own, for a payout of its own; all is built before the clock starts. */
export function signCalls(world: SignerWorld, client: SignerClient, count: number): Call[] {
  const requests = Array.from({ length: count }, () => {
    payouts += 1;
    return stellarRequest(world, [{ id: `po_${payouts}` }], { sequence: BigInt(payouts) });
  });
  return requests.map((request) => () => client.signTransaction(request));
}

/** Each call has KMS sign another hash, through the same backend, and nothing else. */
export function kmsCalls(backend: Backend, count: number): Call[] {
  const messages = Array.from({ length: count }, (_, i) => createHash('sha256').update(String(i)).digest());
  return messages.map((message) => () => backend.sign(message, AbortSignal.timeout(10_000)));
}
