import { createHash, createPrivateKey, sign as signNatively } from 'node:crypto';
import { Keypair } from '@stellar/stellar-sdk/base';
import {
  DecoratedSignature,
  FeeBumpTransaction,
  FeeBumpTransactionEnvelope,
  FeeBumpTransactionExt,
  FeeBumpTransactionInnerTx,
  Memo,
  MuxedAccount,
  type Operation as OperationEntry,
  Preconditions,
  Signature,
  SignatureHint,
  TransactionSignaturePayloadTaggedTransaction as Tagged,
  TimeBounds,
  Transaction,
  TransactionEnvelope,
  TransactionExt,
  TransactionSignaturePayload,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import type { Account } from '../ledger/account.ts';
import { createLedger, type Ledger, type LedgerOptions, type Submission } from '../ledger/ledger.ts';
import { networkId, rootKeypair } from '../ledger/network.ts';
import { create } from './operations.ts';
import { loadOracle } from './oracle.ts';

const oracle = await loadOracle();

export const PASSPHRASE = 'Standalone Network ; February 2017';
export const LUMEN = 10_000_000n;
/** A base reserve: what each subentry costs. */
export const HALF_LUMEN = 5_000_000n;

/** A transaction to build. Whatever is left out is what a well-behaved sender would use. */
export interface Draft {
  readonly source: Keypair;
  readonly operations: readonly OperationEntry[];
  readonly sequence?: bigint;
  readonly fee?: number;
  readonly preconditions?: Preconditions;
  readonly memo?: Memo;
  readonly signers?: readonly Keypair[];
}

export interface Harness {
  readonly ledger: Ledger;
  readonly root: Keypair;
  now(): bigint;
  /** Creates an account with this balance (stroops) and closes the ledger. */
  fund(balance: bigint): Keypair;
  account(keys: Keypair): Account;
  envelope(draft: Draft): TransactionEnvelope;
  send(draft: Draft | TransactionEnvelope): Submission;
  /** Moves time on and closes a ledger. */
  close(seconds?: bigint): void;
  /** Sends, closes, and gives the result that the ledger recorded, decoded. Throws when it was not taken. */
  apply(draft: Draft | TransactionEnvelope): unknown;
  /** Sends what must be refused, and gives the refusal, decoded. */
  refused(draft: Draft | TransactionEnvelope): unknown;
  /** The recorded result of a transaction, decoded. */
  resultOf(hash: string): unknown;
}

export function createHarness(options: Partial<LedgerOptions> = {}): Harness {
  let now = 1_800_000_000n;
  const ledger = createLedger({ networkPassphrase: PASSPHRASE, genesisCloseTime: now, ...options });
  const root = rootKeypair(PASSPHRASE);

  const account = (keys: Keypair) => {
    const found = ledger.account(keys.publicKey());
    if (!found) throw new Error(`no account ${keys.publicKey()}`);
    return found;
  };
  const envelope = (draft: Draft) =>
    'sequence' in draft
      ? buildEnvelope({ sequence: 0n, ...draft })
      : buildEnvelope({ ...draft, sequence: account(draft.source).sequence + 1n });
  const send = (draft: Draft | TransactionEnvelope) =>
    ledger.submit(('operations' in draft ? envelope(draft) : draft).toXdr(), now);
  const close = (seconds = 5n) => {
    now += seconds;
    ledger.close(now);
  };
  const apply = (draft: Draft | TransactionEnvelope) => {
    const answer = send(draft);
    if (answer.status !== 'PENDING') throw new Error(`not taken: ${describe(answer)}`);
    close();
    return resultOf(answer.hash);
  };
  const resultOf = (hash: string) => {
    const included = ledger.transaction(hash);
    if (!included) throw new Error(`not included: ${hash}`);
    return oracle('TransactionResult', included.result);
  };
  const refused = (draft: Draft | TransactionEnvelope) => {
    const answer = send(draft);
    if (answer.status !== 'ERROR') throw new Error(`not refused: ${describe(answer)}`);
    return oracle('TransactionResult', answer.result);
  };
  return {
    ledger,
    root,
    account,
    envelope,
    send,
    close,
    apply,
    now: () => now,
    refused,
    resultOf,
    fund: (balance) => {
      const keys = newKeys();
      apply({ source: root, operations: [create(keys, balance)] });
      return keys;
    },
  };
}

/** Readable in a failing test. */
export function describe(answer: Submission): string {
  if (answer.status !== 'ERROR') return answer.status;
  return JSON.stringify(oracle('TransactionResult', answer.result));
}

let seeds = 0;

/** Keys that are the same in every run. */
export function newKeys(): Keypair {
  seeds += 1;
  return Keypair.fromRawEd25519Seed(new Uint8Array(createHash('sha256').update(`test key ${seeds}`).digest()));
}

export function buildEnvelope(draft: Draft & { sequence: bigint }): TransactionEnvelope {
  const tx = new Transaction({
    sourceAccount: MuxedAccount.keyTypeEd25519(draft.source.rawPublicKey()),
    fee: draft.fee ?? 100 * draft.operations.length,
    seqNum: draft.sequence,
    cond: draft.preconditions ?? Preconditions.precondNone(),
    memo: draft.memo ?? Memo.memoNone(),
    operations: [...draft.operations],
    ext: TransactionExt.v0(),
  });
  const signatures = sign(Tagged.envelopeTypeTx(tx), draft.signers ?? [draft.source]);
  return TransactionEnvelope.envelopeTypeTx(new TransactionV1Envelope({ tx, signatures }));
}

/** A fee bump around an envelope; `fee` in stroops for the whole. */
export function buildFeeBump(
  inner: TransactionEnvelope,
  feeSource: Keypair,
  fee: bigint,
  signers: readonly Keypair[] = [feeSource],
): TransactionEnvelope {
  if (inner.type !== 'envelopeTypeTx') throw new Error(`cannot bump a ${inner.type}`);
  const tx = new FeeBumpTransaction({
    feeSource: MuxedAccount.keyTypeEd25519(feeSource.rawPublicKey()),
    fee,
    innerTx: FeeBumpTransactionInnerTx.envelopeTypeTx(inner.v1),
    ext: FeeBumpTransactionExt.v0(),
  });
  const signatures = sign(Tagged.envelopeTypeTxFeeBump(tx), signers);
  return TransactionEnvelope.envelopeTypeTxFeeBump(new FeeBumpTransactionEnvelope({ tx, signatures }));
}

export function sign(taggedTransaction: Tagged, signers: readonly Keypair[]): DecoratedSignature[] {
  const payload = new TransactionSignaturePayload({ networkId: networkId(PASSPHRASE), taggedTransaction });
  const hash = createHash('sha256').update(payload.toXdr()).digest();
  return signers.map(
    (keys) =>
      new DecoratedSignature({
        hint: new SignatureHint(keys.rawPublicKey().slice(-4)),
        signature: new Signature(new Uint8Array(signNatively(null, hash, privateKey(keys)))),
      }),
  );
}

/** OpenSSL signs many times faster than the SDK. */
export function privateKey(keys: Keypair) {
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), keys.rawSecretKey()]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

export function timeBounds(minTime: bigint, maxTime: bigint): Preconditions {
  return Preconditions.precondTime(new TimeBounds({ minTime, maxTime }));
}
