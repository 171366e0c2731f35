import { change, type Switch, untold } from '../switch.ts';

const POLICY = 'packages/policy/src';

/** Stage 4. */
export const DECIDE: readonly Switch[] = [
  {
    guard: 'callers and their purposes',
    attack: 'caller-purpose',
    patches: [change(`${POLICY}/decide.ts`, 'has(purpose)', "has('payout')")],
  },
  {
    guard: 'network of the key',
    attack: 'policy-pubnet',
    patches: [
      change(`${POLICY}/decide.ts`, ' || transaction.chain !== policy.chain) {', ') {'),
      untold(`${POLICY}/decide-payouts.ts`, "reason('ASSET_NOT_ALLOWED',"),
    ],
    alone: ['POLICY_DENIED ASSET_NOT_ALLOWED', 'POLICY_DENIED NETWORK_NOT_ALLOWED'],
  },
  {
    guard: 'listed destinations',
    attack: 'policy-destination',
    patches: [untold(`${POLICY}/decide-payouts.ts`, 'unlisted.reason;')],
  },
  {
    guard: 'no payment to the issuer',
    attack: 'policy-issuer',
    patches: [untold(`${POLICY}/decide-payouts.ts`, "reason('DESTINATION_IS_ISSUER',")],
  },
  {
    guard: 'listed assets',
    attack: 'policy-asset',
    patches: [untold(`${POLICY}/decide-payouts.ts`, "reason('ASSET_NOT_ALLOWED',")],
  },
  {
    guard: 'limit of a payout',
    attack: 'policy-amount',
    patches: [untold(`${POLICY}/decide-payouts.ts`, "reason('AMOUNT_ABOVE_LIMIT',")],
  },
  {
    guard: 'limits of gas',
    attack: 'evm-policy-gas',
    patches: [untold(`${POLICY}/decide.ts`, "above('GAS_LIMIT_ABOVE_LIMIT',")],
  },
  {
    guard: 'limits of gas',
    attack: 'evm-policy-fee',
    patches: [untold(`${POLICY}/decide.ts`, "above('FEE_CAP_ABOVE_LIMIT',")],
  },
  {
    guard: 'limits of gas',
    attack: 'evm-policy-tip',
    patches: [untold(`${POLICY}/decide.ts`, "above('PRIORITY_FEE_ABOVE_LIMIT',")],
  },
  {
    guard: 'listed channels',
    attack: 'policy-channel',
    patches: [untold(`${POLICY}/decide-stellar.ts`, "reason('CHANNEL_NOT_ALLOWED',")],
  },
  {
    guard: 'the treasury pays',
    attack: 'policy-payer-other',
    patches: [
      change(
        `${POLICY}/decide-stellar.ts`,
        'if (operation.source !== policy.account) {',
        'if (operation.source === undefined) {',
      ),
    ],
  },
  {
    guard: 'no new accounts',
    attack: 'policy-create',
    patches: [untold(`${POLICY}/decide-stellar.ts`, "reason('CREATE_ACCOUNT_NOT_ALLOWED',")],
  },
  {
    guard: 'limit of a fee',
    attack: 'policy-fee-most',
    patches: [untold(`${POLICY}/decide-stellar.ts`, "above('FEE_ABOVE_LIMIT',")],
  },
  {
    guard: 'an end in time',
    attack: 'policy-endless',
    patches: [untold(`${POLICY}/decide-stellar.ts`, "reason('TIME_BOUNDS_MISSING',")],
  },
  {
    guard: 'an end in time',
    attack: 'policy-far',
    patches: [untold(`${POLICY}/decide-stellar.ts`, "above('LIFETIME_ABOVE_LIMIT',")],
  },
  {
    guard: 'an end in time',
    attack: 'clock-this-second',
    patches: [change(`${POLICY}/decide-stellar.ts`, 'maxTime <= now', 'maxTime < now')],
  },
  {
    guard: 'valid from now',
    attack: 'policy-later',
    patches: [untold(`${POLICY}/decide-stellar.ts`, "reason('VALID_LATER',")],
  },
  {
    guard: 'the treasury authorizes',
    attack: 'auth-policy-account',
    patches: [untold(`${POLICY}/decide-soroban.ts`, "reason('ACCOUNT_NOT_ALLOWED',")],
  },
  {
    guard: 'life of an authorization',
    attack: 'clock-ledger-last',
    patches: [untold(`${POLICY}/decide-soroban.ts`, "reason(\n      'AUTHORIZATION_LIFETIME_ABOVE_LIMIT',")],
  },
  {
    guard: 'no new accounts by contracts',
    attack: 'auth-policy-creation',
    patches: [untold(`${POLICY}/decide-soroban.ts`, "reason('CREATE_ACCOUNT_NOT_ALLOWED',")],
  },
  {
    guard: 'limit of a resource fee',
    attack: 'envelope-resource-fee',
    patches: [untold(`${POLICY}/decide-soroban.ts`, "above('RESOURCE_FEE_ABOVE_LIMIT',")],
  },
  {
    guard: 'a footprint of what the transfer needs',
    attack: 'footprint-channel',
    patches: [untold(`${POLICY}/decide-soroban.ts`, "reason('FOOTPRINT_NOT_ALLOWED',")],
  },
  {
    guard: 'code as pinned',
    attack: 'footprint-no-code',
    patches: [change(`${POLICY}/footprint.ts`, 'demanded: [nonce, code]', 'demanded: [nonce]')],
  },
];
