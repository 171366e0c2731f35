import { type ChainId, nativeAsset } from '@countersign/chains/caip';
import { CountersignError } from '@countersign/contract/errors';
import type { EvmKeyPolicy } from '@countersign/policy/schema';
import { expect, test } from '@jest/globals';
import { decideByPolicy } from './decide-by-policy.ts';
import type { EvmProposal } from './proposal.ts';

const CHAIN = 'eip155:31337' as ChainId;
const ETH = nativeAsset(CHAIN);
const CALLER = 'spiffe://countersign.dev/api';
const PAID = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

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
    approvers: new Map([['SHA256:alice', 'alice']]),
    unlistedDestinations: false,
    maxLifetime: 60n,
  },
  maxGasLimit: 21_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 10n,
  maxNoncesAhead: 16n,
};

function proposalOf(amount: bigint): EvmProposal {
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
    key: { ...known, id: 'k', custodies: { kms: backend }, address: '0x' },
    purpose: 'payout',
    payouts: [{ payoutId: 'po_1', destination: PAID, asset: ETH, amount, approvals: [] }],
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

/** The policy that allows it, or the code of the refusal and those of its reasons. */
function decided(amount: bigint, keys = new Map([['k', policy]])): unknown {
  const flag = { pathOf: () => 'kms' as const, close: async () => {} };
  const inForce = { policy: { version: 1, environment: 'test', keys }, version: 1n, digest: '', signedBy: [] };
  try {
    return decideByPolicy({ flag, clock: () => new Date() }, inForce, CALLER, proposalOf(amount));
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return [error.code, ...error.reasons.map(({ code }) => code)].join(' ');
  }
}

test('what the policy allows comes back with it', () => {
  expect(decided(500n)).toMatchObject({ policy, approvers: new Map() });
});

test('a refusal for want of approvals alone has a code of its own', () => {
  expect(decided(501n)).toBe('APPROVAL_REQUIRED APPROVAL_REQUIRED');
});

test('where another rule is violated too, approvals would not help', () => {
  expect(decided(1_001n)).toBe('POLICY_DENIED AMOUNT_ABOVE_LIMIT APPROVAL_REQUIRED');
});

test('a key that no policy names signs nothing', () => {
  expect(decided(1n, new Map())).toBe('POLICY_DENIED NO_POLICY');
});
