import { z } from 'zod';
import { contractCall, decodeCall } from './contract-call.ts';
import { sha256 } from './sha256.ts';
import { type DecodedTransaction, type DecodedTransfer, DecodeError, type SignedIntent } from './signed-intent.ts';
import { stellarNetwork } from './stellar-network.ts';
import { assetId, memoText } from './stellar-words.ts';
import { decodeXdr } from './xdr.ts';

const LANE = 1024n;

const payment = z.strictObject({
  payment: z.strictObject({ destination: z.string(), asset: z.unknown(), amount: z.string() }),
});
const createAccount = z.strictObject({
  create_account: z.strictObject({ destination: z.string(), starting_balance: z.string() }),
});
const bumpSequence = z.strictObject({ bump_sequence: z.strictObject({ bump_to: z.string() }) });
const invoke = z.strictObject({
  invoke_host_function: z.strictObject({
    host_function: z.strictObject({ invoke_contract: contractCall }),
    auth: z.array(z.unknown()).length(1),
  }),
});
const operation = z.strictObject({
  source_account: z.string().nullable(),
  body: z.union([payment, createAccount, bumpSequence, invoke]),
});
const envelopeSchema = z.strictObject({
  tx: z.strictObject({
    tx: z.strictObject({
      source_account: z.string(),
      fee: z.number(),
      seq_num: z.string(),
      cond: z.strictObject({ time: z.strictObject({ min_time: z.string(), max_time: z.string() }) }),
      memo: z.unknown(),
      operations: z.array(operation).min(1),
      ext: z.unknown(),
    }),
    signatures: z.array(z.never()),
  }),
});

/** A whole unsigned envelope: classic payments and what closes their lane, or the call of a token contract. */
export function decodeEnvelope(intent: SignedIntent, bytes: Uint8Array, passphrase: string): DecodedTransaction {
  const parsed = envelopeSchema.safeParse(decodeXdr('TransactionEnvelope', bytes));
  if (!parsed.success) throw new DecodeError(`an envelope of another shape: ${parsed.error.issues[0]?.message}`);
  const { tx } = parsed.data.tx;
  const network = stellarNetwork(passphrase);
  // An envelope without signatures ends in their count.
  const signingHash = sha256(sha256(passphrase), bytes.subarray(0, -4)).toString('hex');
  const [only] = tx.operations;
  if (only !== undefined && 'invoke_host_function' in only.body) {
    if (tx.operations.length > 1) throw new DecodeError('expected the call of a contract alone');
    if (tx.memo !== 'none') throw new DecodeError('expected no memo beside the call of a contract');
    const { host_function, auth } = only.body.invoke_host_function;
    const call = decodeCall(intent, host_function.invoke_contract, auth[0], passphrase);
    return { network, signingHash, lane: call.lane, transfers: [call.transfer] };
  }
  const sequence = BigInt(tx.seq_num);
  const start = ((sequence - 1n) / LANE) * LANE;
  const memo = memoText(tx.memo);
  const transfers = tx.operations.slice(0, -1).map(({ body, source_account }): DecodedTransfer => {
    if (source_account !== intent.account) throw new DecodeError(`expected to pay from ${intent.account}`);
    return { ...transferOf(body, network), ...(memo === undefined ? {} : { memo }) };
  });
  checkClosing(tx.operations.at(-1), tx.source_account, start + LANE);
  return { network, signingHash, lane: `${network}:${tx.source_account}:${start}`, transfers };
}

type Operation = z.output<typeof operation>;

function transferOf(body: Operation['body'], network: string): DecodedTransfer {
  if ('payment' in body) {
    const { destination, asset, amount } = body.payment;
    return { destination, asset: assetId(network, asset), amount };
  }
  if ('create_account' in body) {
    const { destination, starting_balance: amount } = body.create_account;
    return { destination, asset: assetId(network, 'native'), amount };
  }
  throw new DecodeError('expected a payment, got another operation');
}

function checkClosing(last: Operation | undefined, channel: string, end: bigint): void {
  const body = last?.body;
  const ours = (last?.source_account ?? channel) === channel;
  if (body === undefined || !ours || !('bump_sequence' in body) || body.bump_sequence.bump_to !== `${end}`) {
    throw new DecodeError(`expected the last operation to bump the sequence of ${channel} to ${end}`);
  }
}
