import { Asset } from '@stellar/stellar-sdk/base';
import { evmRequest, stellarRequest } from '../../harness/requests.ts';
import { authorizationRequest } from '../../harness/soroban-requests.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { hexOf, withItems } from '../forge/evm.ts';
import { assets, bytesOf, cancel, carrying, channel, declaring, evm, invocation, stellar } from '../forge/requests.ts';
import { repaid, reshaped, transactionIn } from '../forge/stellar.ts';

type Steps = (t: Attacker) => Promise<string>;

/** Against signers with small windows, over a database in which nothing is spent. */
const run = (steps: Steps) => async (t: Attacker) => {
  await using attacker = await t.afresh('windows');
  return await steps(attacker);
};

const AMOUNT = 'LIMIT_REACHED AMOUNT_WINDOW_REACHED';
const COUNT = 'LIMIT_REACHED COUNT_WINDOW_REACHED';
const FEES = 'LIMIT_REACHED FEE_BUDGET_REACHED';
const WINDOW = 'windows of amount';
const NUMBER = 'windows of number';
const BUDGET = 'a budget of fees';
const TEN = 100_000_000n; // 10 lumens, the most of one payout

/** 5 of the stack's USDC to an account, by a payment. */
function usdc(t: Attacker, amount: bigint) {
  const request = stellar(t, { amount });
  const [payment, closing] = transactionIn(bytesOf(request)).operations;
  if (closing === undefined) throw new Error('not as built');
  const asset = new Asset('USDC', t.world.keys.issuer.publicKey()).toXDRObject();
  const forged = carrying(request, reshaped(bytesOf(request), { operations: [repaid(payment, { asset }), closing] }));
  return declaring(forged, { asset: assets(t).stellarUsdc });
}

/** Slowly, widely, at once, under other names. */
export const LIMITS = attacks<Steps>('lanes', 'C14', run, [
  [
    'window-slice',
    'a large sum in slices below the limit of a payout',
    WINDOW,
    AMOUNT,
    async (t) => {
      await t.prepare(stellar(t, { amount: TEN }));
      await t.prepare(stellar(t, { amount: TEN }));
      return t.sign(stellar(t, { amount: 1n }));
    },
  ],
  [
    'window-dust',
    'four payouts of a stroop, where three are allowed',
    NUMBER,
    COUNT,
    async (t) => {
      for (let i = 0; i < 3; i++) await t.prepare(stellar(t, { amount: 1n }));
      return t.sign(stellar(t, { amount: 1n }));
    },
  ],
  [
    'window-batch',
    'four payouts in one transaction',
    NUMBER,
    COUNT,
    (t) =>
      t.sign(
        stellarRequest(
          t.world,
          Array.from({ length: 4 }, () => ({ id: t.payout(), amount: 1n })),
          { sequence: t.sequence() },
        ),
      ),
  ],
  [
    'window-batch-sum',
    'three payouts in one transaction, whose sum is above what is left',
    WINDOW,
    AMOUNT,
    async (t) => {
      await t.prepare(stellar(t, { amount: TEN }));
      return t.sign(
        stellarRequest(
          t.world,
          [
            { id: t.payout(), amount: TEN },
            { id: t.payout(), amount: 1n },
          ],
          { sequence: t.sequence() },
        ),
      );
    },
  ],
  [
    'window-other-replica',
    'the rest of the window on one replica, then once more on the other',
    WINDOW,
    AMOUNT,
    async (t) => {
      await t.prepare(stellar(t, { amount: TEN }));
      await t.prepare(stellar(t, { amount: TEN }));
      return t.sign(stellar(t, { amount: TEN }), (await t.replicas.get('two')).client);
    },
  ],
  [
    'window-race',
    'twelve payouts of half the window at once, over two replicas',
    WINDOW,
    `${AMOUNT} × 10, signed × 2`,
    (t) => t.race(Array.from({ length: 12 }, (_, i) => stellar(t, { amount: TEN }, { channel: channel(t, i % 3) }))),
  ],
  [
    'window-other-channel',
    'the window once more for each channel',
    WINDOW,
    AMOUNT,
    async (t) => {
      await t.prepare(stellar(t, { amount: TEN }, { channel: channel(t, 0) }));
      await t.prepare(stellar(t, { amount: TEN }, { channel: channel(t, 1) }));
      return t.sign(stellar(t, { amount: TEN }, { channel: channel(t, 2) }));
    },
  ],
  [
    'window-other-rail',
    'an asset by payments, then more of it by its contract: they are one asset',
    WINDOW,
    AMOUNT,
    async (t) => {
      await t.prepare(usdc(t, TEN));
      await t.prepare(usdc(t, TEN));
      return t.sign(authorizationRequest(t.world, { id: t.payout(), amount: 1n }));
    },
  ],
  [
    'window-restart',
    'the window once more after a restart of the signer',
    WINDOW,
    AMOUNT,
    async (t) => {
      await t.prepare(stellar(t, { amount: TEN }));
      await t.prepare(stellar(t, { amount: TEN }));
      return t.sign(stellar(t, { amount: 1n }), (await t.replicas.get('fresh')).client);
    },
  ],
  [
    'window-unsigned',
    'payouts whose signature KMS failed to give: they are reserved, and count',
    WINDOW,
    AMOUNT,
    async (t) => {
      t.world.kms.faults.add({ kind: 'error', code: 'DisabledException', times: 2 });
      for (let i = 0; i < 2; i++)
        if ((await t.ask(stellar(t, { amount: TEN }))) === 'signed') throw new Error('signed');
      return t.sign(stellar(t, { amount: 1n }));
    },
  ],
  [
    'window-refused',
    'a window filled with payouts that are refused, so that nobody is paid',
    'refusals are not charged',
    'signed',
    async (t) => {
      for (let i = 0; i < 5; i++)
        await t.sign(stellar(t, { amount: TEN, destination: t.world.keys.admin.publicKey() }));
      return t.sign(stellar(t, { amount: TEN }));
    },
  ],
  [
    'window-evm',
    'a sum of ether in slices',
    WINDOW,
    AMOUNT,
    async (t) => {
      for (let i = 0; i < 2; i++) await t.prepare(await evm(t, { amount: 10n ** 19n }));
      return t.sign(await evm(t, { amount: 1n }));
    },
  ],
  [
    'fees-envelopes',
    'envelope after envelope around one authorization, each with the highest fee',
    BUDGET,
    FEES,
    async (t) => {
      const amount = 1n;
      await t.prepare(await invocation(t, { amount }));
      await t.prepare(await invocation(t, { amount }));
      return t.sign(await invocation(t, { amount }));
    },
  ],
  [
    'fees-numbers',
    'a transaction on each number of a lane, all for one payout, each with the highest fee',
    BUDGET,
    FEES,
    async (t) => {
      const id = t.payout();
      const first = t.sequence();
      for (let i = 0n; i < 10n; i++)
        await t.prepare(stellar(t, { id, amount: 1n }, { sequence: first + i, fee: 1_000_000n }));
      return t.sign(stellar(t, { id, amount: 1n }, { sequence: first + 10n, fee: 1_000_000n }));
    },
  ],
  [
    'fees-replacement',
    'a replacement with the highest fee there is',
    BUDGET,
    FEES,
    async (t) => {
      const nonce = await t.nonce();
      const dear = { gasLimit: 90_000n, maxFeePerGas: 500_000_000_000n };
      await t.prepare(await evm(t, { amount: 1n }, dear));
      return t.sign(
        evmRequest(t.world, { id: t.payout(), amount: 1n }, { nonce: nonce + 1n, ...dear }, { lowestOpenNonce: nonce }),
      );
    },
  ],
  [
    'fees-cancel',
    'cancels with the highest fee there is',
    BUDGET,
    FEES,
    async (t) => {
      const dear = async () => {
        const request = await cancel(t);
        return carrying(request, withItems(bytesOf(request), { gas: hexOf('015f90'), fee: hexOf('746a528800') }));
      };
      await t.prepare(await dear());
      return t.sign(await dear());
    },
  ],
]);
