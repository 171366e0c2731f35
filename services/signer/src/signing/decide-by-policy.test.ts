import { type ChainId, nativeAsset } from '@countersign/chains/caip';
import { CountersignError } from '@countersign/contract/errors';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import type { EvmKeyPolicy, StellarKeyPolicy } from '@countersign/policy/schema';
import { APPROVAL_NAMESPACE, approvalStatement } from '@countersign/sshsig/approval';
import { expect, test } from '@jest/globals';
import { payerOf } from './approvers.ts';
import { decideByPolicy } from './decide-by-policy.ts';
import type { Approval, EvmProposal } from './proposal.ts';

const CHAIN = 'eip155:31337' as ChainId;
const ETH = nativeAsset(CHAIN);
const NOW = new Date('2027-01-01T00:00:00Z');
const CALLER = 'spiffe://countersign.dev/api';
const PAID = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const ADDRESS = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const OTHER = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
const alice = createSshSigner('alice');

const policy: EvmKeyPolicy = {
  kind: 'evm',
  callers: new Map([[CALLER, new Set(['payout'])]]),
  chain: CHAIN,
  destinations: { kind: 'listed', memos: new Map([[PAID, 'none']]) },
  neverPaid: new Map(),
  assets: new Map([[ETH, { decimals: 18, maxPerPayout: 1_000n, approvalAbove: 500n, windows: [] }]]),
  feeWindows: [],
  approvals: {
    threshold: 1,
    approvers: new Map([[alice.fingerprint, 'alice']]),
    unlistedDestinations: false,
    maxLifetime: 60n,
  },
  maxGasLimit: 21_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 10n,
  maxNoncesAhead: 16n,
};

function proposalOf(amount: bigint, approvals: readonly Approval[] = []): EvmProposal {
  const known = { algorithm: 'secp256k1' as const, publicKey: new Uint8Array(33) };
  const backend = {
    ...known,
    name: 'env' as const,
    sign: () => Promise.reject(new Error('not asked')),
    close: () => Promise.resolve(),
  };
  return {
    kind: 'evm',
    requestId: 'r',
    key: { ...known, id: 'k', custodies: { kms: backend }, address: ADDRESS },
    purpose: 'payout',
    payouts: [{ payoutId: 'po_1', destination: PAID, asset: ETH, amount, approvals }],
    unsigned: new Uint8Array(),
    transaction: {
      kind: 'evm',
      chain: CHAIN,
      chainId: 31337n,
      nonce: 0n,
      to: PAID,
      value: amount,
      transfer: { asset: ETH, destination: PAID, amount },
      gasLimit: 21_000n,
      maxFeePerGas: 100n,
      maxPriorityFeePerGas: 10n,
      signingHash: new Uint8Array(32),
    },
    lowestOpenNonce: 0n,
  };
}

/** What alice signed for 501 wei, by a key of this address. */
function approvalFor(account: string): Approval {
  const expiresAt = BigInt(NOW.getTime() / 1000) + 30n;
  const terms = { payoutId: 'po_1', keyId: 'k', account, network: CHAIN, destination: PAID, asset: ETH, amount: 501n };
  return { expiresAt, signature: alice.sign(APPROVAL_NAMESPACE, approvalStatement({ ...terms, expiresAt })) };
}

/** The policy that allows it, or the code of the refusal and those of its reasons. */
function decided(proposal: EvmProposal, keys = new Map([['k', policy]])): unknown {
  const paths = { pathOf: () => 'kms' as const };
  const inForce = { policy: { version: 1, environment: 'test', keys }, version: 1n, digest: '', signedBy: [] };
  try {
    return decideByPolicy({ paths, clock: () => NOW }, inForce, CALLER, proposal);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return [error.code, ...error.reasons.map(({ code }) => code)].join(' ');
  }
}

test('what the policy allows comes back with it', () => {
  expect(decided(proposalOf(500n))).toMatchObject({ policy, approvers: new Map() });
});

test('a refusal for want of approvals alone has a code of its own', () => {
  expect(decided(proposalOf(501n))).toBe('APPROVAL_REQUIRED APPROVAL_REQUIRED');
});

test('an approval of that payout by that key from its own address is counted', () => {
  const approvers = new Map([['po_1', new Set(['alice'])]]);
  expect(decided(proposalOf(501n, [approvalFor(ADDRESS)]))).toMatchObject({ policy, approvers });
});

test('an approval of the same by a key of that name with another address counts nothing', () => {
  expect(decided(proposalOf(501n, [approvalFor(OTHER)]))).toBe('APPROVAL_REQUIRED APPROVAL_REQUIRED');
});

test('a key on Stellar pays from the account that its policy names, not from its own address', () => {
  const account = 'GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q';
  const onStellar: StellarKeyPolicy = {
    ...policy,
    kind: 'stellar',
    account,
    channels: new Set(),
    maxFee: 0n,
    maxLifetime: 60n,
    allowCreateAccount: false,
  };
  expect(payerOf(onStellar, proposalOf(1n))).toEqual({ keyId: 'k', account, network: CHAIN });
  expect(payerOf(policy, proposalOf(1n))).toEqual({ keyId: 'k', account: ADDRESS, network: CHAIN });
});

test('where another rule is violated too, approvals would not help', () => {
  expect(decided(proposalOf(1_001n))).toBe('POLICY_DENIED AMOUNT_ABOVE_LIMIT APPROVAL_REQUIRED');
});

test('a key that no policy names signs nothing', () => {
  expect(decided(proposalOf(1n), new Map())).toBe('POLICY_DENIED NO_POLICY');
});
