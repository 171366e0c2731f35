import { change, type Switch, unthrown } from '../switch.ts';

const RESERVATION = 'services/signer/src/reservation';
const SAME = `${RESERVATION}/demand-same.ts`;

/** Stage 5. */
export const RESERVE: readonly Switch[] = [
  { guard: 'a payout has one lane', attack: 'double-next-lane', patches: [unthrown(SAME, "bound('OTHER_LANE',")] },
  { guard: 'a payout has one lane', attack: 'double-expired', patches: [unthrown(SAME, "bound('OTHER_LANE',")] },
  {
    guard: 'a payout has one lane',
    attack: 'double-replica',
    through: 'signed × 24',
    patches: [unthrown(SAME, "bound('OTHER_LANE',")],
  },
  {
    guard: 'a payout has one set of terms',
    attack: 'terms-destination',
    patches: [unthrown(SAME, "bound('OTHER_TERMS',")],
  },
  {
    guard: 'one declaration a transaction',
    attack: 'bytes-other-payout',
    patches: [unthrown(SAME, "bound('TRANSACTION_DECLARED_OTHERWISE',")],
  },
  {
    guard: 'a request id has one content',
    attack: 'request-id-other-bytes',
    patches: [unthrown(SAME, "new CountersignError('REQUEST_ID_REUSED',")],
  },
  {
    guard: 'a nonce has one payout',
    attack: 'nonce-taken',
    patches: [unthrown(SAME, "new CountersignError('LANE_TAKEN',")],
  },
  {
    guard: 'one authorization a payout',
    attack: 'double-authorization',
    patches: [unthrown(SAME, "bound('OTHER_AUTHORIZATION',")],
  },
  {
    guard: 'no gap between nonces',
    attack: 'nonce-gap',
    patches: [unthrown(`${RESERVATION}/nonce-window.ts`, "outOfWindow('NONCE_GAP',")],
  },
  {
    guard: 'a window of nonces',
    attack: 'nonce-window',
    patches: [unthrown(`${RESERVATION}/nonce-window.ts`, "outOfWindow('NONCE_TOO_FAR_AHEAD',")],
  },
  {
    guard: 'a count of envelopes',
    attack: 'envelopes-33',
    patches: [change(`${RESERVATION}/envelope-count.ts`, 'MOST_ENVELOPES = 32n', 'MOST_ENVELOPES = 64n')],
  },
  {
    guard: 'the newest policy decides',
    attack: 'policy-superseded',
    patches: [unthrown(`${RESERVATION}/in-force.ts`, "new CountersignError('POLICY_SUPERSEDED',")],
  },
  {
    guard: 'frozen keys',
    attack: 'frozen-key',
    patches: [unthrown(`${RESERVATION}/in-force.ts`, "new CountersignError('KEY_FROZEN',")],
  },
  {
    guard: 'windows of amount',
    attack: 'window-slice',
    patches: [change(`${RESERVATION}/charge.ts`, 'spent.amount > maxAmount', 'spent.amount < 0n')],
  },
  {
    guard: 'windows of amount',
    attack: 'window-race',
    through: 'signed × 12',
    patches: [
      change(`${RESERVATION}/charge.ts`, 'spent.amount > maxAmount', 'spent.amount < 0n'),
      change(`${RESERVATION}/charge.ts`, 'spent.count > maxCount', 'spent.count < 0n'),
    ],
    alone: [
      'LIMIT_REACHED COUNT_WINDOW_REACHED × 9, signed × 3',
      'LIMIT_REACHED AMOUNT_WINDOW_REACHED × 10, signed × 2',
    ],
  },
  {
    guard: 'windows of number',
    attack: 'window-dust',
    patches: [change(`${RESERVATION}/charge.ts`, 'spent.count > maxCount', 'spent.count < 0n')],
  },
  {
    guard: 'a budget of fees',
    attack: 'fees-numbers',
    patches: [
      change(`${RESERVATION}/charge.ts`, 'spent.amount > maxAmount', 'measure !== FEE && spent.amount > maxAmount'),
    ],
  },
];
