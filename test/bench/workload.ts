import { createHash } from 'node:crypto';
import type { SignerClient } from '@countersign/contract/grpc';
import type { Backend } from '@countersign/custody/backend';
import { openRegistry } from '@countersign/custody/registry';
import type { Part } from '../harness/processes.ts';
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

/** The signer's own backend for the same key, in this process. */
export async function openKmsBackend({ keys, kms }: SignerWorld, part: Part): Promise<Backend> {
  const config = {
    keys: {
      'treasury-stellar': {
        algorithm: 'ed25519' as const,
        public_key: Buffer.from(keys.stellar.publicKey).toString('hex'),
        custodies: { kms: { backend: 'aws-kms' as const, key: 'alias/treasury-stellar' } },
      },
    },
  };
  const { accessKeyId, secretAccessKey } = kms.credentials.signer;
  const registry = await openRegistry(config, {
    env: {},
    aws: {
      mode: 'development',
      signPerSecond: 100_000,
      region: kms.region,
      endpoint: `http://127.0.0.1:${part.port}`,
      credentials: { accessKeyId, secretAccessKey },
    },
  });
  const backend = registry.keys.get('treasury-stellar')?.custodies.kms;
  if (backend === undefined) throw new Error('expected the KMS custody');
  return backend;
}
