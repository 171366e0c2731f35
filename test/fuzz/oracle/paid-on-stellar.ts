import { isDeepStrictEqual } from 'node:util';
import { rustDecode } from '@countersign/chains/testing/stellar';
import { z } from 'zod';
import { demand } from '../target.ts';
import { KEYS, NOW } from '../world.ts';
import { call, entry, paidByEntry } from './entry.ts';
import { ASSETS, type Paid } from './paid.ts';

const TREASURY = KEYS.stellar.address;
const CHANNELS = KEYS.channels.map((channel) => channel.publicKey());

const operation = z.object({ source_account: z.string().nullable(), body: z.record(z.string(), z.unknown()) });
const envelope = z.strictObject({
  tx: z.strictObject({
    tx: z.object({
      source_account: z.enum(CHANNELS),
      fee: z.int(),
      seq_num: z.string(),
      cond: z.strictObject({ time: z.strictObject({ min_time: z.string(), max_time: z.string() }) }),
      memo: z.unknown(),
      operations: z.array(operation).min(1),
      ext: z.unknown(),
    }),
    signatures: z.array(z.never()),
  }),
});
const payment = z.strictObject({
  payment: z.strictObject({ destination: z.string(), asset: z.unknown(), amount: z.string() }),
});
const creation = z.strictObject({
  create_account: z.strictObject({ destination: z.string(), starting_balance: z.string() }),
});
const invoke = z.strictObject({
  invoke_host_function: z.strictObject({
    host_function: z.strictObject({ invoke_contract: call }),
    auth: z.tuple([z.unknown()]),
  }),
});

/** What an unsigned envelope pays: by payments and a BumpSequence to the end of its lane, or by one signed authorization. */
export function paidByEnvelope(bytes: Uint8Array, payoutId: string | undefined): Paid[] {
  const { tx } = envelope.parse(rustDecode(bytes)).tx;
  const life = Number(tx.cond.time.max_time) - NOW;
  demand(life > 0 && life <= 300 && Number(tx.cond.time.min_time) <= NOW, 'valid too long, or later');
  const [only] = tx.operations;
  if (only !== undefined && 'invoke_host_function' in only.body) {
    demand(
      tx.operations.length === 1 && only.source_account === null && tx.memo === 'none',
      'more than one invocation',
    );
    const { host_function, auth } = invoke.parse(only.body).invoke_host_function;
    demand(tx.fee <= 6_000_000, `a fee of ${tx.fee}`);
    const paid = paidByEntry(auth[0], payoutId, false);
    demand(
      isDeepStrictEqual(host_function.invoke_contract, entry.parse(auth[0]).root_invocation.function.contract_fn),
      'calls something else',
    );
    return paid;
  }
  const closing = tx.operations.at(-1);
  const end = (BigInt(tx.seq_num) + 1023n) / 1024n;
  demand([null, tx.source_account].includes(closing?.source_account ?? null), 'another account closes the lane');
  demand(isDeepStrictEqual(closing?.body, { bump_sequence: { bump_to: `${end * 1024n}` } }), 'the lane is not closed');
  demand(tx.fee <= 1_000_000 && tx.ext === 'v0', `a fee of ${tx.fee}`);
  return tx.operations.slice(0, -1).map(({ source_account: source, body }) => {
    demand(source === TREASURY, `${source} pays`);
    if ('create_account' in body) {
      const { destination, starting_balance } = creation.parse(body).create_account;
      return { destination, asset: ASSETS.xlm, amount: BigInt(starting_balance), memo: tx.memo };
    }
    const { destination, asset, amount } = payment.parse(body).payment;
    return { destination, asset: assetOf(asset), amount: BigInt(amount), memo: tx.memo };
  });
}

function assetOf(asset: unknown): string {
  if (asset === 'native') return ASSETS.xlm;
  const usdc = { credit_alphanum4: { asset_code: 'USDC', issuer: KEYS.issuer.publicKey() } };
  return isDeepStrictEqual(asset, usdc) ? ASSETS.stellarUsdc : JSON.stringify(asset);
}
