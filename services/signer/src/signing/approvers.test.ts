import { parseAssetId } from '@countersign/chains/caip';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import type { ApprovalRules } from '@countersign/policy/schema';
import { approvalStatement } from '@countersign/sshsig/approval';
import { parsePublicKey } from '@countersign/sshsig/public-key';
import { dearmor } from '@countersign/sshsig/sshsig';
import { describe, expect, test } from '@jest/globals';
import { approversOf } from './approvers.ts';
import type { PayoutWithApprovals } from './proposal.ts';

const [alice, bob, mallory] = ['alice', 'bob', 'mallory'].map((name) => createSshSigner(name));
if (alice === undefined || bob === undefined || mallory === undefined) throw new Error('expected three people');

const NOW = 1_800_000_000n;
const EXPIRES = NOW + 600n;
const RULES: ApprovalRules = {
  threshold: 2,
  approvers: new Map(
    [alice, bob].map(({ publicKey }, i) => [parsePublicKey(publicKey).fingerprint, ['alice', 'bob'][i] ?? '']),
  ),
  unlistedDestinations: false,
  maxLifetime: 3600n,
};
const PAYER = {
  keyId: 'treasury',
  account: 'GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q',
  network: 'stellar:testnet',
} as const;
const TERMS = {
  ...PAYER,
  payoutId: 'po_1',
  destination: 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ',
  asset: parseAssetId('stellar:testnet/slip44:148').id,
  amount: 10_000_000n,
  memo: 'text:rent',
  expiresAt: EXPIRES,
} as const;
const signatureBy = (person: typeof alice, change: object = {}, namespace = 'countersign-approval'): Uint8Array => {
  const [blob] = dearmor(person.armored(namespace, approvalStatement({ ...TERMS, ...change })));
  if (blob === undefined) throw new Error('expected a signature');
  return blob;
};
const payoutWith = (...signatures: readonly Uint8Array[]): PayoutWithApprovals => ({
  payoutId: TERMS.payoutId,
  destination: TERMS.destination,
  asset: TERMS.asset,
  amount: TERMS.amount,
  memo: { type: 'text', value: 'rent' },
  approvals: signatures.map((signature) => ({ expiresAt: EXPIRES, signature })),
});
const approvers = (payout: PayoutWithApprovals, now = NOW, rules?: ApprovalRules | 'none') => [
  ...approversOf(rules === 'none' ? undefined : (rules ?? RULES), PAYER, now)(payout),
];

describe('those who approved a payout', () => {
  test('are the approvers whose signature is over exactly its terms', () => {
    expect(approvers(payoutWith(signatureBy(alice), signatureBy(bob)))).toEqual(['alice', 'bob']);
    expect(approvers(payoutWith())).toEqual([]);
  });

  test('count once, however often they signed', () => {
    expect(approvers(payoutWith(signatureBy(alice), signatureBy(alice)))).toEqual(['alice']);
  });

  test('of each, the first that is in time is verified, and no other', () => {
    const bad = signatureBy(alice, { amount: 1n });
    expect(approvers(payoutWith(bad, signatureBy(alice), signatureBy(bob)))).toEqual(['bob']);
    const [late, good] = payoutWith(bad, signatureBy(alice)).approvals;
    const payout = { ...payoutWith(), approvals: [{ ...late, expiresAt: NOW }, good] } as PayoutWithApprovals;
    expect(approvers(payout)).toEqual(['alice']);
  });

  test('are asked for until enough are found', () => {
    const rules = { ...RULES, threshold: 1 };
    expect(approvers(payoutWith(signatureBy(alice), signatureBy(bob)), NOW, rules)).toEqual(['alice']);
    expect(approvers(payoutWith(signatureBy(alice, { amount: 1n }), signatureBy(bob)), NOW, rules)).toEqual(['bob']);
  });

  test('are not looked for any more in a request that has brought 16 signatures that are not valid', () => {
    const found = approversOf(RULES, PAYER, NOW);
    const bad = payoutWith(signatureBy(alice, { amount: 1n }));
    for (let i = 0; i < 15; i++) expect(found(bad).size).toBe(0);
    expect(found(payoutWith(signatureBy(bob))).size).toBe(1);
    expect(found(bad).size).toBe(0);
    expect(found(payoutWith(signatureBy(bob))).size).toBe(0);
    expect(approvers(payoutWith(signatureBy(bob)))).toEqual(['bob']);
  });

  test('are none of those whom policy does not name', () => {
    expect(approvers(payoutWith(signatureBy(mallory), signatureBy(bob)))).toEqual(['bob']);
  });

  test.each([
    ['another payout id', { payoutId: 'po_2' }],
    ['another key', { keyId: 'other' }],
    ['another account', { account: 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H' }],
    ['another network', { network: 'stellar:pubnet' }],
    ['another destination', { destination: 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H' }],
    ['another asset', { asset: 'stellar:testnet/slip44:1' }],
    ['another amount', { amount: 10_000_001n }],
    ['another memo', { memo: 'id:1' }],
    ['no memo', { memo: undefined }],
    ['another expiry', { expiresAt: EXPIRES + 1n }],
  ])('are not those who signed for %s', (_, change) => {
    expect(approvers(payoutWith(signatureBy(alice, change)))).toEqual([]);
  });

  test('are not those who signed something else with that text in another namespace', () => {
    expect(approvers(payoutWith(signatureBy(alice, {}, 'countersign-policy')))).toEqual([]);
    expect(approvers(payoutWith(signatureBy(alice, {}, 'file')))).toEqual([]);
  });

  test('count until the second before their approval expires', () => {
    const payout = payoutWith(signatureBy(alice));
    expect(approvers(payout, EXPIRES - 1n)).toEqual(['alice']);
    expect(approvers(payout, EXPIRES)).toEqual([]);
  });

  test('count where the expiry is no further off than policy allows', () => {
    const payout = payoutWith(signatureBy(alice));
    expect(approvers(payout, EXPIRES - RULES.maxLifetime)).toEqual(['alice']);
    expect(approvers(payout, EXPIRES - RULES.maxLifetime - 1n)).toEqual([]);
  });

  test('are nobody where what was sent is no signature', () => {
    expect(approvers(payoutWith(new Uint8Array(), new Uint8Array(5000), signatureBy(bob)))).toEqual(['bob']);
  });

  test('are nobody where policy has no approvers', () => {
    expect(approvers(payoutWith(signatureBy(alice)), NOW, 'none')).toEqual([]);
  });
});
