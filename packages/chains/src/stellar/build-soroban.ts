import { xdr } from '@stellar/stellar-sdk/base';
import { stellarChainId } from '../caip.ts';
import { checkRange, sameBytes } from '../check.ts';
import { TransactionError } from '../error.ts';
import { MAX_INT64, MAX_UINT32, MAX_UINT64 } from '../limits.ts';
import { accountBytes } from './account.ts';
import {
  addressCredentials,
  authorizationHash,
  authorizedCall,
  readEntry,
  writeAuthorization,
} from './authorization.ts';
import { writeSignature } from './authorization-signature.ts';
import { envelopeBytes, transactionHash } from './envelope.ts';
import { laneOf } from './lane.ts';
import { writeResources } from './resources.ts';
import { readAccount } from './sc-address.ts';
import { readTransfer } from './token.ts';

/** What an authorization entry is made of: see `buildAuthorization`. */
export interface AuthorizationInput {
  readonly networkPassphrase: string;
  /** The account (`G…`) that pays and authorizes. */
  readonly account: string;
  /** The token's contract (`C…`). */
  readonly contract: string;
  /** `G…` or `C…`. */
  readonly destination: string;
  /** In the token's smallest unit, 1 to 2^127 - 1. */
  readonly amount: bigint;
  /** int64; see `authorizationNonce`. */
  readonly nonce: bigint;
  /** The last ledger in which it is valid, uint32, at least 1. */
  readonly expirationLedger: number;
}

/** What the envelope around an authorization is made of: see `buildInvocation`. */
export interface InvocationInput {
  readonly networkPassphrase: string;
  /** The channel account (`G…`): source of the transaction, owner of the sequence number. */
  readonly channel: string;
  readonly sequence: bigint;
  /** Unix seconds, at least 1. */
  readonly maxTime: bigint;
  /** An entry of `buildAuthorization`, signed; unsigned it is good for a simulation only. */
  readonly authorization: Uint8Array;
  /** XDR of SorobanTransactionData, as a simulation gives it. Without it the envelope declares nothing: good for a simulation. */
  readonly sorobanData?: Uint8Array;
  /** Stroops for the whole transaction, the resource fee included. */
  readonly fee: bigint;
}

/**
 * Builds the unsigned entry by which an account authorizes one SEP-41 `transfer` (credentials of an address, the signature
 * void); `hash` is what a signature is made over.
 */
export function buildAuthorization(input: AuthorizationInput): { entry: Uint8Array; hash: Uint8Array } {
  stellarChainId(input.networkPassphrase); // refuses a passphrase that is none
  const rootInvocation = new xdr.SorobanAuthorizedInvocation({
    function: xdr.SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(readTransfer(input.account, input)),
    subInvocations: [],
  });
  const credentials = new xdr.SorobanAddressCredentials({
    address: readAccount('account', input.account),
    nonce: checkRange('INVALID_NONCE', 'nonce', input.nonce, -MAX_INT64 - 1n, MAX_INT64),
    signatureExpirationLedger: checkedLedger(input.expirationLedger),
    signature: xdr.ScVal.scvVoid(),
  });
  const entry = new xdr.SorobanAuthorizationEntry({
    credentials: xdr.SorobanCredentials.sorobanCredentialsAddress(credentials),
    rootInvocation,
  });
  return { entry: entry.toXdr(), hash: authorizationHash(input.networkPassphrase, credentials, rootInvocation) };
}

/**
 * Builds an unsigned envelope of one InvokeHostFunction on a channel account: it calls what the entry authorizes. It can be
 * rebuilt around the same entry as often as needed, because the ledger takes the entry's nonce once.
 */
export function buildInvocation(input: InvocationInput): { envelope: Uint8Array; hash: Uint8Array } {
  const entry = readEntry(input.authorization);
  writeAuthorization('authorization', input.networkPassphrase, entry); // refuses what the signer would not sign
  const { signature } = addressCredentials('authorization', entry);
  if (signature.type !== 'scvVoid') writeSignature('authorization.credentials.signature', signature);
  laneOf(input.sequence); // refuses a number outside every lane
  const fee = checkRange('INVALID_FEE', 'fee', input.fee, 1n, MAX_UINT32);
  const maxTime = checkRange('INVALID_TIME_BOUNDS', 'maxTime', input.maxTime, 1n, MAX_UINT64);
  const sorobanData = input.sorobanData === undefined ? NOTHING : readSorobanData(input.sorobanData);
  writeResources('sorobanData', stellarChainId(input.networkPassphrase), fee, sorobanData); // refuses what the signer would not sign
  const hostFunction = xdr.HostFunction.hostFunctionTypeInvokeContract(
    authorizedCall('authorization', entry.rootInvocation),
  );
  const tx = new xdr.Transaction({
    sourceAccount: xdr.MuxedAccount.keyTypeEd25519(accountBytes('channel', input.channel)),
    fee: Number(fee),
    seqNum: input.sequence,
    cond: xdr.Preconditions.precondTime(new xdr.TimeBounds({ minTime: 0n, maxTime })),
    memo: xdr.Memo.memoNone(),
    operations: [
      new xdr.Operation({
        sourceAccount: null,
        body: xdr.OperationBody.invokeHostFunction(new xdr.InvokeHostFunctionOp({ hostFunction, auth: [entry] })),
      }),
    ],
    ext: xdr.TransactionExt.sorobanData(sorobanData),
  });
  const envelope = envelopeBytes(new xdr.TransactionV1Envelope({ tx, signatures: [] }));
  return { envelope, hash: transactionHash(input.networkPassphrase, envelope) };
}

const NOTHING = new xdr.SorobanTransactionData({
  ext: xdr.SorobanTransactionDataExt.v0(),
  resources: new xdr.SorobanResources({
    footprint: new xdr.LedgerFootprint({ readOnly: [], readWrite: [] }),
    instructions: 0,
    diskReadBytes: 0,
    writeBytes: 0,
  }),
  resourceFee: 0n,
});

function readSorobanData(bytes: Uint8Array): xdr.SorobanTransactionData {
  try {
    const data = xdr.SorobanTransactionData.fromXdr(bytes);
    if (sameBytes(data.toXdr(), bytes)) return data;
  } catch (cause) {
    throw notSorobanData({ cause });
  }
  throw notSorobanData();
}

function notSorobanData(options?: { cause: unknown }): TransactionError {
  const message = 'not the canonical XDR of SorobanTransactionData';
  return new TransactionError('MALFORMED_SOROBAN_DATA', 'sorobanData', message, options);
}

function checkedLedger(ledger: number): number {
  if (Number.isInteger(ledger) && ledger >= 1 && ledger <= Number(MAX_UINT32)) return ledger;
  throw new TransactionError('INVALID_LEDGER', 'expirationLedger', `expected 1..${MAX_UINT32}, got ${ledger}`);
}
