import { sign as signNatively } from 'node:crypto';
import { type Keypair, Address as ScAddressText, StrKey } from '@stellar/stellar-sdk/base';
import {
  HostFunction,
  InvokeContractArgs,
  InvokeHostFunctionOp,
  Memo,
  MuxedAccount,
  type Operation,
  OperationBody,
  Preconditions,
  ScVal,
  SorobanAddressCredentials,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
  type SorobanTransactionData,
  TransactionSignaturePayloadTaggedTransaction as Tagged,
  Transaction,
  TransactionEnvelope,
  TransactionExt,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { networkId } from '../ledger/network.ts';
import { authorizationHash } from '../soroban/authorization.ts';
import { type Simulation, simulate } from '../soroban/simulate.ts';
import { readTransfer } from '../soroban/transfer.ts';
import { int128, struct } from '../soroban/values.ts';
import { type Harness, PASSPHRASE, privateKey, sign } from './harness.ts';
import { operation } from './operations.ts';

/** `transfer(from, to, amount)`; addresses are `G…` or `C…`. */
export interface Transfer {
  readonly contract: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
}

/** A contract's address that nobody has deployed anything under: enough to hold a balance. */
export const SOME_CONTRACT = StrKey.encodeContract(new Uint8Array(32).fill(7));

export function transferArgs({ contract, from, to, amount }: Transfer, functionName = 'transfer'): InvokeContractArgs {
  const scAddress = (text: string) => ScAddressText.fromString(text).toScAddress();
  return new InvokeContractArgs({
    contractAddress: scAddress(contract),
    functionName,
    args: [ScVal.scvAddress(scAddress(from)), ScVal.scvAddress(scAddress(to)), int128(amount)],
  });
}

export function invocation(args: InvokeContractArgs, auth: readonly SorobanAuthorizationEntry[] = []): Operation {
  const hostFunction = HostFunction.hostFunctionTypeInvokeContract(args);
  return operation(OperationBody.invokeHostFunction(new InvokeHostFunctionOp({ hostFunction, auth: [...auth] })));
}

function authorizationEntry(args: InvokeContractArgs, credentials: SorobanCredentials): SorobanAuthorizationEntry {
  const invoked = SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(args);
  const rootInvocation = new SorobanAuthorizedInvocation({ function: invoked, subInvocations: [] });
  return new SorobanAuthorizationEntry({ credentials, rootInvocation });
}

/** The source account's own authorization. */
export function bySource(transfer: Transfer): SorobanAuthorizationEntry {
  return authorizationEntry(transferArgs(transfer), SorobanCredentials.sorobanCredentialsSourceAccount());
}

export interface Signing {
  /** In this order, each once. */
  readonly signers: readonly Keypair[];
  readonly nonce: bigint;
  /** The last ledger in which it can be used. */
  readonly until: number;
  /** `from` of the transfer when left out. */
  readonly address?: string;
  readonly passphrase?: string;
}

/** An authorization signed by keys, for whoever wants to send it. */
export function signedEntry(transfer: Transfer, signing: Signing): SorobanAuthorizationEntry {
  const { signers, nonce, until, address = transfer.from, passphrase = PASSPHRASE } = signing;
  const credentials = (signature: ScVal) =>
    new SorobanAddressCredentials({
      address: ScAddressText.fromString(address).toScAddress(),
      nonce,
      signatureExpirationLedger: until,
      signature,
    });
  const unsigned = credentials(ScVal.scvVoid());
  const { rootInvocation } = authorizationEntry(
    transferArgs(transfer),
    SorobanCredentials.sorobanCredentialsAddress(unsigned),
  );
  const hash = authorizationHash(networkId(passphrase), unsigned, rootInvocation);
  const signatures = signers.map((keys) =>
    struct({
      public_key: ScVal.scvBytes(keys.rawPublicKey()),
      signature: ScVal.scvBytes(new Uint8Array(signNatively(null, hash, privateKey(keys)))),
    }),
  );
  return authorizationEntry(
    transferArgs(transfer),
    SorobanCredentials.sorobanCredentialsAddress(credentials(ScVal.scvVec(signatures))),
  );
}

/** Without authorizations they are recorded. */
export function simulateTransfer(
  { ledger }: Harness,
  transfer: Transfer,
  source: Keypair,
  auth?: readonly SorobanAuthorizationEntry[],
): Simulation {
  const hostFunction = HostFunction.hostFunctionTypeInvokeContract(transferArgs(transfer));
  const call = readTransfer(hostFunction);
  if (!call) throw new Error('not a transfer');
  const { sequence, header } = ledger.latest();
  return simulate(
    { call, hostFunction, source: source.publicKey(), instructionLeeway: 0, ...(auth ? { authorizations: auth } : {}) },
    ledger.scratch(),
    { networkId: networkId(PASSPHRASE), sequence: sequence + 1, baseReserve: BigInt(header.baseReserve) },
  );
}

/** What a successful simulation says to declare. */
export function simulatedData(simulation: Simulation): SorobanTransactionData {
  if (simulation.error !== undefined) throw new Error(simulation.error);
  return simulation.data;
}

export interface CallDraft {
  readonly source: Keypair;
  readonly operations: readonly Operation[];
  readonly data: SorobanTransactionData;
  /** Stroops; the least when left out. */
  readonly fee?: bigint;
  readonly memo?: Memo;
  readonly sourceAccount?: MuxedAccount;
}

export function callEnvelope(harness: Harness, draft: CallDraft): TransactionEnvelope {
  const { source, operations, data } = draft;
  const tx = new Transaction({
    sourceAccount: draft.sourceAccount ?? MuxedAccount.keyTypeEd25519(source.rawPublicKey()),
    fee: Number(draft.fee ?? data.resourceFee + 100n),
    seqNum: harness.account(source).sequence + 1n,
    cond: Preconditions.precondNone(),
    memo: draft.memo ?? Memo.memoNone(),
    operations: [...operations],
    ext: TransactionExt.sorobanData(data),
  });
  return TransactionEnvelope.envelopeTypeTx(
    new TransactionV1Envelope({ tx, signatures: sign(Tagged.envelopeTypeTx(tx), [source]) }),
  );
}
