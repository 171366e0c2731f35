import { evmAddress } from '@countersign/chains/evm/address';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import type { KeysConfig } from '@countersign/custody/registry';
import { paidAccount } from '@countersign/policy/paid-account';
import type { KeyPolicy, Policy } from '@countersign/policy/schema';
import { ConfigError } from '@countersign/runtime/config';

interface Problem {
  readonly where: string;
  readonly problem: string;
}

const YEAR = 366n * 86_400n;
// How far the clock of whoever wrote the file may be ahead of ours.
const SKEW = 300n;

/**
 * What the policy file alone cannot tell: that every policy is for a registered key of the curve that its chain uses, that
 * nobody pays an account of ours, and that the clock for ledgers is a recent one.
 *
 * @returns the policy, in which no key pays an account of ours, of any key, also where anybody may be paid.
 * @throws ConfigError naming each key and field.
 */
export function checkPolicy(policy: Policy, { keys }: KeysConfig, file: string, now: Date): Policy {
  const own = ownAddresses(policy, keys);
  const problems = [...policy.keys].flatMap(([id, keyPolicy]) =>
    [
      ...keyProblems(keyPolicy, keys[id]?.algorithm),
      ...ownDestinations(keyPolicy, own),
      ...clockProblems(keyPolicy, now),
    ].map(({ where, problem }) => ({ where: `${file}: keys.${id}${where}`, problem })),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...policy, keys: new Map([...policy.keys].map(([id, keyPolicy]) => [id, payingNoneOf(own, keyPolicy)])) };
}

function payingNoneOf(own: ReadonlySet<string>, keyPolicy: KeyPolicy): KeyPolicy {
  const ours = [...own].map((address) => [address, 'own'] as const);
  return { ...keyPolicy, neverPaid: new Map([...keyPolicy.neverPaid, ...ours]) };
}

function keyProblems({ kind }: KeyPolicy, got: string | undefined): Problem[] {
  const expected = kind === 'stellar' ? 'ed25519' : 'secp256k1';
  return got === expected
    ? []
    : [{ where: '', problem: `expected a registered ${expected} key, got ${got ?? 'none'}` }];
}

/** The addresses of all registered keys, and the accounts that policies name as ours. */
function ownAddresses(policy: Policy, keys: KeysConfig['keys']): ReadonlySet<string> {
  const ofKeys = Object.values(keys).flatMap(({ algorithm, public_key }) => addressOf(algorithm, public_key));
  const named = [...policy.keys.values()].flatMap((each) =>
    each.kind === 'stellar' ? [each.account, ...each.channels] : [],
  );
  return new Set([...ofKeys, ...named]);
}

/** None for a public key that is no key: opening its custody refuses it, by its name. */
function addressOf(algorithm: KeysConfig['keys'][string]['algorithm'], publicKey: string): string[] {
  try {
    const bytes = Buffer.from(publicKey, 'hex');
    return [algorithm === 'ed25519' ? stellarAddress(bytes) : evmAddress(bytes)];
  } catch {
    return [];
  }
}

function ownDestinations({ kind, destinations }: KeyPolicy, own: ReadonlySet<string>): Problem[] {
  if (destinations.kind === 'any') return [];
  return [...destinations.memos.keys()]
    .filter((destination) => own.has(paidAccount(destination)))
    .map((destination) => ({ where: `.${kind}.destinations`, problem: `${destination} is an account of our own` }));
}

function clockProblems(keyPolicy: KeyPolicy, now: Date): Problem[] {
  if (keyPolicy.kind !== 'stellar' || keyPolicy.soroban === undefined) return [];
  const age = BigInt(Math.floor(now.getTime() / 1000)) - keyPolicy.soroban.ledgerClock.closedAt;
  if (age >= -SKEW && age <= YEAR) return [];
  const where = '.stellar.soroban.ledger_clock.closed_at';
  return [{ where, problem: 'expected a time of the last year: renew the three values together' }];
}
