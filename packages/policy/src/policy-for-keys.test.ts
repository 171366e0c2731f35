import { evmAddress } from '@countersign/chains/evm/address';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import { ConfigError } from '@countersign/runtime/config';
import { parseYaml } from '@countersign/runtime/yaml';
import { describe, expect, test } from '@jest/globals';
import { EVM_RECIPIENT, evmFile, RECIPIENT, SOROBAN, stellarFile } from '../testing/files.ts';
import { type KeyEntry, policyForKeys } from './policy-for-keys.ts';

const NOW = BigInt(Date.parse('2026-11-22T00:00:00Z') / 1000);
// RFC 8032, section 7.1, test 1; and the generator of secp256k1.
const ED25519 = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const SECP256K1 = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const KEYS: Readonly<Record<string, KeyEntry>> = { k: { algorithm: 'ed25519', public_key: ED25519 } };
const EVM_KEYS: Readonly<Record<string, KeyEntry>> = { k: { algorithm: 'secp256k1', public_key: SECP256K1 } };
const BOTH = { ...KEYS, other: EVM_KEYS['k'] ?? { algorithm: 'secp256k1', public_key: '' } };

const load = (file: unknown, keys = KEYS, now = NOW) =>
  parseYaml(JSON.stringify(file, null, 1), policyForKeys(keys, now), 'policy.yaml');

function problemsOf(...args: Parameters<typeof load>): string[] {
  try {
    load(...args);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ where, problem }) => `${where}: ${problem}`);
    throw error;
  }
}

describe('a policy beside its keys', () => {
  test('loads when every key is registered', () => {
    expect(load(stellarFile()).keys.get('k')?.kind).toBe('stellar');
    expect(load(evmFile(), EVM_KEYS).keys.get('k')?.kind).toBe('evm');
  });

  test.each([
    ['of no key', evmFile(), {}, 'expected a registered secp256k1 key, got none'],
    ['of a key of the other curve', evmFile(), KEYS, 'expected a registered secp256k1 key, got ed25519'],
    ['of Stellar for a key of the EVM', stellarFile(), EVM_KEYS, 'expected a registered ed25519 key, got secp256k1'],
    ['of what every object has', { ...stellarFile(), keys: { constructor: stellarFile().keys.k } }, KEYS, 'got none'],
  ])('is refused as one %s, by line and field', (_, file, keys, problem) => {
    const [only = '', ...more] = problemsOf(file, keys);
    expect(more).toEqual([]);
    expect(only).toMatch(/^policy\.yaml:\d+: keys\.(k|constructor): /);
    expect(only).toContain(problem);
  });

  test('is refused when it pays an account of any key', () => {
    const own = stellarAddress(Buffer.from(ED25519, 'hex'));
    expect(problemsOf(stellarFile({ destinations: [RECIPIENT, own] }))).toEqual([
      expect.stringMatching(
        new RegExp(`^policy\\.yaml:\\d+: keys\\.k\\.stellar\\.destinations: ${own} is an account of our own$`),
      ),
    ]);
    const evm = evmAddress(Buffer.from(SECP256K1, 'hex'));
    expect(problemsOf(evmFile({ destinations: [evm] }), EVM_KEYS)).toEqual([
      expect.stringContaining(`keys.k.evm.destinations: ${evm} is an account of our own`),
    ]);
    expect(problemsOf(evmFile({ destinations: [EVM_RECIPIENT] }), EVM_KEYS)).toEqual([]);
  });

  test('never pays an account of any key, also where nothing lists it', () => {
    const { neverPaid } = load(stellarFile(), BOTH).keys.get('k') ?? { neverPaid: new Map() };
    expect(neverPaid.get(stellarAddress(Buffer.from(ED25519, 'hex')))).toBe('own');
    expect(neverPaid.get(evmAddress(Buffer.from(SECP256K1, 'hex')))).toBe('own');
    expect(neverPaid.get(RECIPIENT)).toBeUndefined();
  });

  test('leaves a public key that is none to custody', () => {
    expect(problemsOf(stellarFile(), { k: { algorithm: 'ed25519', public_key: 'ab' } })).toEqual([]);
  });

  test('tells more than one mistake at once', () => {
    const own = stellarAddress(Buffer.from(ED25519, 'hex'));
    const file = stellarFile({ destinations: [own] });
    expect(problemsOf(file, { other: { algorithm: 'ed25519', public_key: ED25519 } })).toHaveLength(2);
    expect(problemsOf({ ...file, colour: 'red' })[0]).toContain('colour: unknown word');
  });
});

describe('the clock for ledgers', () => {
  const file = (closedAt: string) =>
    stellarFile({ soroban: { ...SOROBAN, ledger_clock: { ...SOROBAN.ledger_clock, closed_at: closedAt } } });
  const refused = [
    expect.stringMatching(
      /^policy\.yaml:\d+: keys\.k\.stellar\.soroban\.ledger_clock\.closed_at: expected a time of the last year/,
    ),
  ];

  test.each([
    ['a year and more before', '2025-11-20T23:59:59Z', refused],
    ['366 days before', '2025-11-21T00:00:00Z', []],
    ['now', '2026-11-22T00:00:00Z', []],
    ['five minutes ahead', '2026-11-22T00:05:00Z', []],
    ['more than five minutes ahead', '2026-11-22T00:05:01Z', refused],
  ])('of %s', (_, closedAt, problems) => {
    expect(problemsOf(file(closedAt))).toEqual(problems);
  });
});
