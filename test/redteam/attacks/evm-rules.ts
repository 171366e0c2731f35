import type { SignTransactionRequest } from '@countersign/contract/signer';
import { zeroAddress } from 'viem';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { hexOf, withItems } from '../forge/evm.ts';
import { assets, bytesOf, cancel, carrying, declaring, erc20, evm } from '../forge/requests.ts';
import { PAYER } from '../rules.ts';

type Forge = (t: Attacker) => Promise<SignTransactionRequest>;

const run = (forge: Forge) => async (t: Attacker) => t.sign(await forge(t));
const denied = (...reasons: string[]) => ['POLICY_DENIED', ...reasons].join(' ');
const mismatch = (reason: string) => `TRANSACTION_MISMATCH ${reason}`;
const tokenOf = (t: Attacker) => assets(t).evmUsdc.split(':').at(-1) ?? '';

/** A request around a transaction with fields replaced. */
const altered =
  (request: Forge, change: (t: Attacker) => Parameters<typeof withItems>[1]): Forge =>
  async (t) => {
    const good = await request(t);
    return carrying(good, withItems(bytesOf(good), change(t)));
  };

/** Good transactions that are not what the request says. */
export const EVM_MATCH = attacks<Forge>('evm', 'C4', run, [
  [
    'evm-match-value',
    'ten times the declared value',
    'transfers are exactly the payouts',
    mismatch('PAYOUT_NOT_PAID'),
    async (t) => declaring(await evm(t), { amount: '1' }),
  ],
  [
    'evm-match-recipient',
    'the attacker, declared as a listed recipient',
    'transfers are exactly the payouts',
    mismatch('PAYOUT_NOT_PAID'),
    altered(
      (t) => evm(t),
      ({ world }) => ({ to: hexOf(world.keys.tokenDeployer) }),
    ),
  ],
  [
    'evm-match-token',
    'ether, declared as the token',
    'transfers are exactly the payouts',
    mismatch('PAYOUT_NOT_PAID'),
    async (t) => declaring(await evm(t), { asset: assets(t).evmUsdc }),
  ],
  [
    'evm-match-ether',
    'the token, declared as ether',
    'transfers are exactly the payouts',
    mismatch('PAYOUT_NOT_PAID'),
    async (t) => declaring(await erc20(t), { asset: 'eip155:31337/slip44:60' }),
  ],
  [
    'evm-match-two',
    'two payouts by one transfer',
    'transfers are exactly the payouts',
    mismatch('PAYOUT_NOT_PAID'),
    async (t) => {
      const request = await evm(t);
      return {
        ...request,
        payouts: [...request.payouts, ...request.payouts.map((payout) => ({ ...payout, payoutId: t.payout() }))],
      };
    },
  ],
  [
    'evm-match-none',
    'a transfer with no payout declared',
    'at least one payout',
    mismatch('NO_PAYOUTS'),
    async (t) => ({ ...(await evm(t)), payouts: [] }),
  ],
  [
    'cancel-payouts',
    'a cancel that binds a payout to a nonce which pays nobody',
    'a cancel pays nobody',
    mismatch('PAYOUTS_IN_CANCEL'),
    async (t) => ({ ...(await cancel(t)), payouts: (await evm(t)).payouts }),
  ],
  [
    'cancel-to-other',
    'a payment to a listed recipient, called a cancel',
    'a cancel pays nobody',
    mismatch('CANCEL_NOT_TO_SELF'),
    async (t) => ({ ...(await evm(t)), purpose: 2, payouts: [] }),
  ],
  [
    'cancel-value',
    'a cancel with value',
    'a cancel pays nobody',
    mismatch('CANCEL_WITH_VALUE'),
    altered(cancel, () => ({ value: '0x01' })),
  ],
  [
    'cancel-token',
    'a token transfer to the attacker, called a cancel',
    'a cancel pays nobody',
    mismatch('CANCEL_NOT_TO_SELF'),
    async (t) => ({ ...(await erc20(t)), purpose: 2, payouts: [] }),
  ],
  [
    'cancel-token-self',
    'a token transfer to oneself, called a cancel',
    'a cancel pays nobody',
    mismatch('CANCEL_NOT_TO_SELF'),
    async (t) => ({ ...(await erc20(t, { destination: t.world.keys.evm.address })), purpose: 2, payouts: [] }),
  ],
]);

/** Well-formed, declared as it is, and against a rule. */
export const EVM_POLICY = attacks<Forge>('evm', 'C12', run, [
  [
    'evm-policy-recipient',
    'a transfer to the attacker',
    'listed destinations',
    denied('DESTINATION_NOT_ALLOWED'),
    (t) => evm(t, { destination: t.world.keys.tokenDeployer }),
  ],
  [
    'evm-policy-zero',
    'a transfer to the zero address: a burn',
    'no transfer to nobody',
    'TRANSACTION_MALFORMED INVALID_ADDRESS',
    altered(evm, () => ({ to: zeroAddress })),
  ],
  [
    'evm-policy-self',
    'a payout to the treasury itself',
    'never paid',
    denied('DESTINATION_IS_OWN', 'DESTINATION_NOT_ALLOWED'),
    (t) => evm(t, { destination: t.world.keys.evm.address }),
  ],
  [
    'evm-policy-contract',
    'ether to the token’s contract, which keeps it',
    'never paid',
    denied('DESTINATION_IS_TOKEN', 'DESTINATION_NOT_ALLOWED'),
    (t) => evm(t, { destination: tokenOf(t) }),
  ],
  [
    'evm-policy-value',
    'one wei above the limit',
    'limit of a payout',
    denied('AMOUNT_ABOVE_LIMIT'),
    (t) => evm(t, { amount: 10n ** 19n + 1n }),
  ],
  [
    'evm-policy-chain',
    'the same transaction for Ethereum’s main network',
    'network of the key',
    denied('NETWORK_NOT_ALLOWED'),
    async (t) => declaring(await evm(t, {}, { chainId: 1n }), { asset: 'eip155:1/slip44:60' }),
  ],
  [
    'evm-policy-gas',
    'more gas than any transfer needs',
    'limits of gas',
    denied('GAS_LIMIT_ABOVE_LIMIT'),
    (t) => evm(t, {}, { gasLimit: 100_001n }),
  ],
  [
    'evm-policy-fee',
    'a fee per gas above the cap',
    'limits of gas',
    denied('FEE_CAP_ABOVE_LIMIT'),
    (t) => evm(t, {}, { maxFeePerGas: 500_000_000_001n }),
  ],
  [
    'evm-policy-tip',
    'a tip above the cap: the attacker builds the block',
    'limits of gas',
    denied('PRIORITY_FEE_ABOVE_LIMIT'),
    (t) => evm(t, {}, { maxPriorityFeePerGas: 50_000_000_001n }),
  ],
  [
    'evm-policy-cancel-fee',
    'a cancel that burns the balance on fees',
    'limits of gas',
    denied('GAS_LIMIT_ABOVE_LIMIT', 'FEE_CAP_ABOVE_LIMIT'),
    altered(cancel, () => ({ gas: '0x01c9c380', fee: hexOf('0de0b6b3a7640000') })),
  ],
  [
    'erc20-policy-recipient',
    'a token transfer to the attacker',
    'listed destinations',
    denied('DESTINATION_NOT_ALLOWED'),
    (t) => erc20(t, { destination: t.world.keys.tokenDeployer }),
  ],
  [
    'erc20-policy-amount',
    'one unit above the limit of the token',
    'limit of a payout',
    denied('AMOUNT_ABOVE_LIMIT'),
    (t) => erc20(t, { amount: 1_000_000_001n }),
  ],
  [
    'erc20-policy-all',
    'all the tokens there can be',
    'limit of a payout',
    denied('AMOUNT_ABOVE_LIMIT'),
    (t) => erc20(t, { amount: 2n ** 256n - 1n }),
  ],
  [
    'erc20-policy-token',
    'a token contract of the attacker’s, which calls back',
    'listed assets',
    denied('ASSET_NOT_ALLOWED'),
    async (t) =>
      declaring(await erc20(t, {}, { token: t.world.keys.tokenDeployer }), {
        asset: `eip155:31337/erc20:${t.world.keys.tokenDeployer}`,
      }),
  ],
]);

const cancelByPayer = async (t: Attacker) => {
  const certificate = await t.world.pki.issue({ name: 'payer', uris: [PAYER] });
  const { signer } = await t.replicas.get('one');
  const payer = t.world.connect(signer, { caFile: t.world.pki.apiCaFile, ...certificate });
  return t.sign(await cancel(t), payer);
};

export const EVM_CALLERS = attacks<(t: Attacker) => Promise<string>>('evm', 'C3', (step) => step, [
  [
    'caller-purpose',
    'a cancel by a caller who may only pay',
    'callers and their purposes',
    'POLICY_DENIED CALLER_NOT_ALLOWED',
    cancelByPayer,
  ],
]);
