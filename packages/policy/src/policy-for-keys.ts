import { evmAddress } from '@countersign/chains/evm/address';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import { Checker } from './checker.ts';
import { paidAccount } from './paid-account.ts';
import type { KeyPolicy, Policy } from './policy.ts';
import { policySchema } from './schema.ts';

/** As much as is asked of a key of KEYS_FILE here. */
export interface KeyEntry {
  readonly algorithm: 'ed25519' | 'secp256k1';
  /** Hex. */
  readonly public_key: string;
}

const YEAR = 366n * 86_400n;
// How far the clock of whoever wrote the file may be ahead of ours.
const SKEW = 300n;

/**
 * The policy file beside the keys that it is for. What it alone cannot tell is an issue as well: that a policy is for no
 * registered key of the curve that its chain uses, that an account of ours is paid, that the clock for ledgers is not a recent
 * one. In the policy that comes out, no key pays an account of any of these keys, also where anybody may be paid.
 *
 * @param now Unix seconds.
 */
export function policyForKeys(keys: Readonly<Record<string, KeyEntry>>, now: bigint) {
  const entries = new Map(Object.entries(keys));
  return policySchema.transform((policy, context): Policy => {
    const own = ownAddresses(policy, entries);
    for (const [id, keyPolicy] of policy.keys) {
      const at = new Checker(context, ['keys', id]);
      checkKey(keyPolicy, entries.get(id), at);
      checkDestinations(keyPolicy, own, at.in(keyPolicy.kind));
      checkClock(keyPolicy, now, at.in(keyPolicy.kind));
    }
    return { ...policy, keys: new Map([...policy.keys].map(([id, keyPolicy]) => [id, payingNoneOf(own, keyPolicy)])) };
  });
}

function checkKey({ kind }: KeyPolicy, entry: KeyEntry | undefined, at: Checker): void {
  const expected = kind === 'stellar' ? 'ed25519' : 'secp256k1';
  const got = entry?.algorithm;
  if (got !== expected) at.fail([], `expected a registered ${expected} key, got ${got ?? 'none'}`);
}

/** The addresses of all registered keys, and the accounts that policies name as ours. */
function ownAddresses(policy: Policy, keys: ReadonlyMap<string, KeyEntry>): ReadonlySet<string> {
  const named = [...policy.keys.values()].flatMap((each) =>
    each.kind === 'stellar' ? [each.account, ...each.channels] : [],
  );
  return new Set([...[...keys.values()].flatMap(addressOf), ...named]);
}

/** None for a public key that is no key: opening its custody refuses it, by its name. */
function addressOf({ algorithm, public_key: publicKey }: KeyEntry): string[] {
  try {
    const bytes = Buffer.from(publicKey, 'hex');
    return [algorithm === 'ed25519' ? stellarAddress(bytes) : evmAddress(bytes)];
  } catch {
    return [];
  }
}

function checkDestinations({ destinations }: KeyPolicy, own: ReadonlySet<string>, at: Checker): void {
  if (destinations.kind === 'any') return;
  for (const destination of destinations.memos.keys()) {
    if (own.has(paidAccount(destination))) at.fail('destinations', `${destination} is an account of our own`);
  }
}

function checkClock(keyPolicy: KeyPolicy, now: bigint, at: Checker): void {
  if (keyPolicy.kind !== 'stellar' || keyPolicy.soroban === undefined) return;
  const age = now - keyPolicy.soroban.ledgerClock.closedAt;
  if (age >= -SKEW && age <= YEAR) return;
  const field = ['soroban', 'ledger_clock', 'closed_at'];
  at.fail(field, 'expected a time of the last year: renew the three values together');
}

function payingNoneOf(own: ReadonlySet<string>, keyPolicy: KeyPolicy): KeyPolicy {
  const ours = [...own].map((address) => [address, 'own'] as const);
  return { ...keyPolicy, neverPaid: new Map([...keyPolicy.neverPaid, ...ours]) };
}
