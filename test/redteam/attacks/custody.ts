import type { Backend } from '@countersign/custody/backend';
import type { Registry } from '@countersign/custody/registry';
import type { Fault } from '@countersign/dev/kms';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { evm, stellar } from '../forge/requests.ts';

type Rail = 'stellar' | 'evm';
type Steps = (t: Attacker) => Promise<string>;

const request = (t: Attacker, rail: Rail) => (rail === 'evm' ? evm(t) : stellar(t));

/** A key backend that answers wrongly, once; then rightly, so that what is reserved can be signed. */
const answering =
  (fault: Fault, rail: Rail): Steps =>
  async (t) => {
    const asked = await request(t, rail);
    t.world.kms.faults.add({ ...fault, times: 1 });
    const outcome = await t.ask(asked);
    await t.prepare(asked);
    return outcome;
  };

/** The registry with another way to sign behind each key. */
const replacing =
  (sign: (real: Backend['sign']) => Backend['sign']) =>
  (registry: Registry): Registry => ({
    ...registry,
    keys: new Map(
      [...registry.keys].map(([id, key]) => {
        const { kms } = key.custodies;
        return [id, { ...key, custodies: kms === undefined ? {} : { kms: { ...kms, sign: sign(kms.sign) } } }];
      }),
    ),
  });

/** A backend that gives the signature of an earlier message for every later one. */
function earlier(): (registry: Registry) => Registry {
  let first: Awaited<ReturnType<Backend['sign']>> | undefined;
  return replacing((real) => async (message, signal) => {
    first ??= await real(message, signal);
    return first;
  });
}

const VERIFIED = 'signatures verified by the pinned key';
const INVALID = 'SIGNATURE_INVALID';

/** A key backend that is broken, or not the key’s. */
export const CUSTODY = attacks<Steps>('custody', 'C23', (steps) => steps, [
  [
    'custody-wrong-ed25519',
    'a Stellar signature by another key',
    VERIFIED,
    INVALID,
    answering({ kind: 'wrong-signature' }, 'stellar'),
  ],
  [
    'custody-wrong-secp256k1',
    'an EVM signature by another key',
    VERIFIED,
    INVALID,
    answering({ kind: 'wrong-signature' }, 'evm'),
  ],
  [
    'custody-cut-ed25519',
    'a Stellar signature without its last byte',
    VERIFIED,
    INVALID,
    answering({ kind: 'malformed-signature' }, 'stellar'),
  ],
  [
    'custody-cut-der',
    'a DER signature without its last byte',
    VERIFIED,
    INVALID,
    answering({ kind: 'malformed-signature' }, 'evm'),
  ],
  [
    'custody-earlier',
    'the signature of an earlier transaction',
    VERIFIED,
    INVALID,
    async (t) => {
      const { client } = await t.replicas.get('earlier', { keys: earlier() });
      await t.prepare(stellar(t), client);
      return t.ask(stellar(t), client);
    },
  ],
  [
    'custody-other-message',
    'a signature of another hash',
    VERIFIED,
    INVALID,
    async (t) => {
      const keys = replacing((real) => (message, signal) => real(new Uint8Array(message).fill(7), signal));
      const { client } = await t.replicas.get('other-message', { keys });
      return t.ask(stellar(t), client);
    },
  ],
]);
