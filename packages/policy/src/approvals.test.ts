import { describe, expect, test } from '@jest/globals';
import { evmFile, issuesOf, keyOf, SSH_KEYS, stellarFile, XLM } from '../testing/files.ts';

const { alice, bob, clara } = SSH_KEYS;
const APPROVALS = {
  threshold: 2,
  approvers: SSH_KEYS,
  unlisted_destinations: true,
  max_lifetime_seconds: 86_400,
};
const withApprovals = (change: object) => stellarFile({}, { approvals: { ...APPROVALS, ...change } });

describe('approvals', () => {
  test('know each approver by the fingerprint of the key, as ssh-keygen -l shows it', () => {
    const approvals = {
      threshold: 2,
      approvers: new Map([
        ['SHA256:V7/5nFabhIrtvUcKKizMGzoewtnrgDgM0JISQ2kmoZ8', 'alice'],
        ['SHA256:9yO8MSnsl0MBQHGzDS9rBpx37THtJCKiU7KfbBE0Thk', 'bob'],
        ['SHA256:CDG1wxnI2dO3fgSiY1llNxF3yfl6Iz7OsXx04gpG2/g', 'clara'],
      ]),
      unlistedDestinations: true,
      maxLifetime: 86_400n,
    };
    expect(keyOf(withApprovals({})).approvals).toEqual(approvals);
    expect(keyOf(evmFile({}, { approvals: APPROVALS })).approvals).toEqual(approvals);
    expect(keyOf(stellarFile()).approvals).toBeUndefined();
  });

  test('are asked for above an amount that one payout can reach', () => {
    const file = (approval_above: string) =>
      stellarFile({ assets: { [XLM]: { max_per_payout: '10', approval_above } } }, { approvals: APPROVALS });
    expect([...keyOf(file('0')).assets.values()][0]).toMatchObject({ approvalAbove: 0n });
    expect([...keyOf(file('10')).assets.values()][0]).toMatchObject({ approvalAbove: 100_000_000n });
    expect(issuesOf(file('10.0000001'))).toEqual([
      `keys.k.stellar.assets.${XLM}.approval_above: expected at most \`max_per_payout\`: more than that is paid to nobody`,
    ]);
  });

  test.each([
    ['one of one', { threshold: 1, approvers: { alice } }],
    ['all of them', { threshold: 3 }],
    ['a key with a comment and one without', { approvers: { alice, bob } }],
  ])('load with %s', (_, change) => {
    expect(issuesOf(withApprovals(change))).toEqual([]);
  });

  test.each<[name: string, change: object, problem: string | RegExp]>([
    ['nobody who has to sign', { threshold: 0 }, /^keys.k.approvals.threshold: Too small/],
    ['half a person who has to sign', { threshold: 1.5 }, /^keys.k.approvals.threshold: /],
    ['more signatures than a request carries', { threshold: 17 }, /^keys.k.approvals.threshold: Too big/],
    [
      'fewer approvers than have to sign',
      { threshold: 3, approvers: { alice, bob } },
      'keys.k.approvals.approvers: expected at least 3, as many as have to sign',
    ],
    [
      'no approvers',
      { threshold: 1, approvers: {} },
      'keys.k.approvals.approvers: expected at least 1, as many as have to sign',
    ],
    [
      'one key under two names',
      { approvers: { alice, bob, albert: alice } },
      'keys.k.approvals.approvers.albert: expected a key of their own, got that of alice',
    ],
    [
      'one key under two names, with another comment',
      { approvers: { alice, bob, albert: alice.replace('alice@example.org', 'albert') } },
      'keys.k.approvals.approvers.albert: expected a key of their own, got that of alice',
    ],
    ['a key that is none', { approvers: { alice, bob, eve: 'ssh-ed25519 AAAA' } }, /^keys.k.approvals.approvers.eve: /],
    [
      'a key of another kind',
      { approvers: { alice, bob, eve: clara.replace('nistp256', 'nistp384') } },
      /approvers.eve: /,
    ],
    ['a key of RSA', { approvers: { alice, bob, eve: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==' } }, /approvers.eve: /],
    ['options before a key', { approvers: { alice, bob, eve: `no-pty ${clara}` } }, /approvers.eve: /],
    ['a name with a space', { approvers: { alice, bob, 'c d': clara } }, /^keys.k.approvals.approvers.c d: /],
    [
      'a name of 65 letters',
      { approvers: { alice, bob, ['c'.repeat(65)]: clara } },
      /^keys.k.approvals.approvers.c{65}: /,
    ],
    [
      'no word on unlisted destinations',
      { unlisted_destinations: undefined },
      /^keys.k.approvals.unlisted_destinations: /,
    ],
    ['a life without end', { max_lifetime_seconds: undefined }, /^keys.k.approvals.max_lifetime_seconds: /],
    ['no life', { max_lifetime_seconds: 0 }, /^keys.k.approvals.max_lifetime_seconds: Too small/],
    ['a life beyond 30 days', { max_lifetime_seconds: 2_592_001 }, /^keys.k.approvals.max_lifetime_seconds: Too big/],
    ['an unknown word', { quorum: 2 }, 'keys.k.approvals.quorum: unknown word'],
  ])('refuse to load with %s', (_, change, problem) => {
    expect(issuesOf(withApprovals(change))).toEqual([
      typeof problem === 'string' ? problem : expect.stringMatching(problem),
    ]);
  });
});
