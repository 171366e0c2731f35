import { xdr } from '@stellar/stellar-sdk/base';
import { type AssetId, type ChainId, nativeAsset, stellarChainId } from '../caip.ts';
import { checkRange } from '../check.ts';
import { TransactionError } from '../error.ts';
import { MAX_INT64, MAX_UINT32, MAX_UINT64 } from '../limits.ts';
import type { StellarMemo } from '../transfer.ts';
import { accountBytes, readDestination } from './account.ts';
import { readAsset } from './asset.ts';
import { envelopeBytes, transactionHash } from './envelope.ts';
import { laneOf, MAX_PAYMENTS, type SequenceRange } from './lane.ts';
import { readMemo } from './memo.ts';

export {
  type AuthorizationInput,
  buildAuthorization,
  buildInvocation,
  type InvocationInput,
} from './build-soroban.ts';

/**
 * One payment of the native or an issued asset; `amount` in units of 10^-7, 1 to 2^63 - 1; `destination` is `G…` or `M…`. A
 * new account is created with the native asset, and is a `G…`.
 */
export interface StellarPayment {
  readonly asset: AssetId;
  readonly destination: string;
  readonly amount: bigint;
  readonly createAccount: boolean;
}

/** What a payout transaction is made of: see `buildStellarPayout`. */
export interface StellarPayout {
  readonly networkPassphrase: string;
  /** The channel account (`G…`): source of the transaction, owner of the sequence number. */
  readonly channel: string;
  readonly sequence: bigint;
  /** The account (`G…`) that every payment comes from. */
  readonly treasury: string;
  /** Stroops for the whole transaction. */
  readonly fee: bigint;
  /** Unix seconds, at least 1: a transaction without an end is not built. */
  readonly maxTime: bigint;
  /** 1 to MAX_PAYMENTS. */
  readonly payments: readonly StellarPayment[];
  readonly memo?: StellarMemo;
}

/** `envelope` is unsigned XDR, `hash` what a signature is made over, `lane` the one that the closing operation ends. */
export interface BuiltStellarPayout {
  readonly envelope: Uint8Array;
  readonly hash: Uint8Array;
  readonly lane: SequenceRange;
}

/**
 * Builds payments from the treasury on a channel account, closed by a BumpSequence of the channel to the end of its lane:
 * once one transaction of a lane succeeds, no other one of that lane can.
 */
export function buildStellarPayout(input: StellarPayout): BuiltStellarPayout {
  const { networkPassphrase, payments } = input;
  const chain = stellarChainId(networkPassphrase);
  if (payments.length < 1 || payments.length > MAX_PAYMENTS) {
    const message = `expected 1..${MAX_PAYMENTS} payments, got ${payments.length}`;
    throw new TransactionError('OPERATION_COUNT', 'payments', message);
  }
  const lane = laneOf(input.sequence);
  const channel = xdr.MuxedAccount.keyTypeEd25519(accountBytes('channel', input.channel));
  const treasury = xdr.MuxedAccount.keyTypeEd25519(accountBytes('treasury', input.treasury));
  const maxTime = checkRange('INVALID_TIME_BOUNDS', 'maxTime', input.maxTime, 1n, MAX_UINT64);
  const tx = new xdr.Transaction({
    sourceAccount: channel,
    fee: Number(checkRange('INVALID_FEE', 'fee', input.fee, 1n, MAX_UINT32)),
    seqNum: input.sequence,
    cond: xdr.Preconditions.precondTime(new xdr.TimeBounds({ minTime: 0n, maxTime })),
    memo: readMemo(input.memo),
    operations: [
      ...payments.map(
        (payment, index) =>
          new xdr.Operation({ sourceAccount: treasury, body: paymentBody(`payments[${index}]`, chain, payment) }),
      ),
      new xdr.Operation({
        sourceAccount: null,
        body: xdr.OperationBody.bumpSequence(new xdr.BumpSequenceOp({ bumpTo: lane.end })),
      }),
    ],
    ext: xdr.TransactionExt.v0(),
  });
  const envelope = envelopeBytes(new xdr.TransactionV1Envelope({ tx, signatures: [] }));
  return { envelope, hash: transactionHash(networkPassphrase, envelope), lane };
}

function paymentBody(field: string, chain: ChainId, payment: StellarPayment): xdr.OperationBody {
  const amount = checkRange('INVALID_AMOUNT', `${field}.amount`, payment.amount, 1n, MAX_INT64);
  const asset = readAsset(`${field}.asset`, chain, payment.asset);
  if (payment.createAccount) {
    if (payment.asset !== nativeAsset(chain)) {
      const message = 'expected the native asset for a new account';
      throw new TransactionError('UNSUPPORTED_ASSET', `${field}.asset`, message);
    }
    const account = accountBytes(`${field}.destination`, payment.destination);
    const destination = xdr.PublicKey.publicKeyTypeEd25519(account);
    return xdr.OperationBody.createAccount(new xdr.CreateAccountOp({ destination, startingBalance: amount }));
  }
  const destination = readDestination(`${field}.destination`, payment.destination);
  return xdr.OperationBody.payment(new xdr.PaymentOp({ destination, asset, amount }));
}
