import { change, type Switch, unthrown, untold } from '../switch.ts';

const POLICY = 'packages/policy/src';
const SIGNING = 'services/signer/src/signing';

/** Stage 3. */
export const MATCH: readonly Switch[] = [
  {
    guard: 'transfers are exactly the payouts',
    attack: 'match-extra',
    patches: [unthrown(`${POLICY}/match.ts`, "mismatch('TRANSFER_NOT_DECLARED',")],
  },
  {
    guard: 'transfers are exactly the payouts',
    attack: 'match-one-for-two',
    patches: [
      change(`${POLICY}/match.ts`, 'if (left === 0) throw', 'if (left === 0) continue;\n    if (left < 0) throw'),
    ],
  },
  {
    guard: 'at least one payout',
    attack: 'match-bump-alone',
    patches: [unthrown(`${POLICY}/match.ts`, "mismatch('NO_PAYOUTS',")],
  },
  {
    guard: 'the last operation closes the lane',
    attack: 'lane-bump-short',
    patches: [unthrown(`${POLICY}/match.ts`, "mismatch('LANE_NOT_CLOSED',")],
  },
  {
    guard: 'one bump',
    attack: 'lane-bump-twice',
    patches: [
      change(
        `${POLICY}/match.ts`,
        'operations.slice(0, -1).map(',
        "operations.slice(0, -1).filter(({ type }) => type !== 'bumpSequence').map(",
      ),
    ],
  },
  {
    guard: 'a cancel pays nobody',
    attack: 'cancel-to-other',
    patches: [
      unthrown(`${POLICY}/match.ts`, "mismatch('CANCEL_NOT_TO_SELF',"),
      unthrown(`${POLICY}/match.ts`, "mismatch('CANCEL_WITH_VALUE',"),
    ],
    alone: ['TRANSACTION_MISMATCH CANCEL_WITH_VALUE', 'TRANSACTION_MISMATCH CANCEL_NOT_TO_SELF'],
  },
  {
    guard: 'nonce of the payout',
    attack: 'auth-nonce-free',
    patches: [unthrown(`${POLICY}/match-authorization.ts`, "mismatch('NONCE_NOT_DERIVED',")],
  },
  {
    guard: 'contract of the asset',
    attack: 'auth-evil-contract',
    patches: [
      unthrown(`${POLICY}/match-authorization.ts`, "mismatch('CONTRACT_NOT_OF_ASSET',"),
      untold(`${POLICY}/decide-soroban.ts`, "reason('CONTRACT_NOT_ALLOWED',"),
    ],
    alone: ['POLICY_DENIED CONTRACT_NOT_ALLOWED', 'TRANSACTION_MISMATCH CONTRACT_NOT_OF_ASSET'],
  },
  {
    guard: 'own authorizations alone',
    attack: 'envelope-borrowed',
    patches: [unthrown(`${SIGNING}/match.ts`, "mismatch('AUTHORIZATION_NOT_OURS', 'authorization: its")],
  },
];
