import type { SignTransactionRequest } from '@countersign/contract/signer';
import { xdr } from '@stellar/stellar-sdk/base';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { bytesOf, carrying, stellar } from '../forge/requests.ts';
import { account, envelopeOf, hex, muxed, patched, reshaped, transactionIn } from '../forge/stellar.ts';

/** A good payment's envelope, in the hands of the attacker. */
interface Good {
  readonly envelope: Uint8Array;
  readonly tx: xdr.Transaction;
}
type Forge = (good: Good, t: Attacker) => Uint8Array | Promise<Uint8Array>;

const signature = new xdr.DecoratedSignature({ hint: new Uint8Array(4), signature: new Uint8Array(64) });
const V2 = {
  timeBounds: null,
  ledgerBounds: null,
  minSeqNum: null,
  minSeqAge: 0n,
  minSeqLedgerGap: 0,
  extraSigners: [],
};

const preconditions =
  (change: Partial<ConstructorParameters<typeof xdr.PreconditionsV2>[0]>): Forge =>
  ({ envelope, tx }) => {
    const timeBounds = tx.cond.type === 'precondTime' ? tx.cond.timeBounds : null;
    const cond = xdr.Preconditions.precondV2(new xdr.PreconditionsV2({ ...V2, timeBounds, ...change }));
    return reshaped(envelope, { cond });
  };

const memoBytes =
  (...bytes: number[]): Forge =>
  ({ envelope }) =>
    reshaped(envelope, { memo: xdr.Memo.memoText(Uint8Array.from(bytes)) });

const v0: Forge = ({ tx }) => {
  if (tx.cond.type !== 'precondTime' || tx.sourceAccount.type !== 'keyTypeEd25519') throw new Error('not as built');
  const { fee, seqNum, memo, operations } = tx;
  return xdr.TransactionEnvelope.envelopeTypeTxV0(
    new xdr.TransactionV0Envelope({
      tx: new xdr.TransactionV0({
        sourceAccountEd25519: tx.sourceAccount.ed25519.value,
        fee,
        seqNum,
        timeBounds: tx.cond.timeBounds,
        memo,
        operations,
        ext: xdr.TransactionV0Ext.v0(),
      }),
      signatures: [],
    }),
  ).toXdr();
};

const feeBump: Forge = ({ tx }, { world }) =>
  xdr.TransactionEnvelope.envelopeTypeTxFeeBump(
    new xdr.FeeBumpTransactionEnvelope({
      tx: new xdr.FeeBumpTransaction({
        feeSource: account(world.keys.stellar.publicKey),
        fee: 2n ** 62n,
        innerTx: xdr.FeeBumpTransactionInnerTx.envelopeTypeTx(new xdr.TransactionV1Envelope({ tx, signatures: [] })),
        ext: xdr.FeeBumpTransactionExt.v0(),
      }),
      signatures: [],
    }),
  ).toXdr();

const resources = xdr.TransactionExt.sorobanData(
  new xdr.SorobanTransactionData({
    ext: xdr.SorobanTransactionDataExt.v0(),
    resources: new xdr.SorobanResources({
      footprint: new xdr.LedgerFootprint({ readOnly: [], readWrite: [] }),
      instructions: 0,
      diskReadBytes: 0,
      writeBytes: 0,
    }),
    resourceFee: 10_000n,
  }),
);

/** A transaction that this signer has signed, with that signature on it: ready to submit, and now to be signed once more. */
const signedBefore: Forge = async (_good, t) => {
  const { signedTransaction } = await t.prepare(stellar(t));
  return signedTransaction;
};

const run = (forge: Forge) => async (t: Attacker) => {
  const request: SignTransactionRequest = stellar(t, {}, { memo: { type: 'text', value: 'hello' } });
  const envelope = bytesOf(request);
  return t.sign(carrying(request, await forge({ envelope, tx: transactionIn(envelope) }, t)));
};

const MALFORMED = 'TRANSACTION_MALFORMED MALFORMED_TRANSACTION';
const memo = `00000005${hex('hello')}000000`;

/** More than one way to write a transaction, or something that is none. */
export const STELLAR_ENCODING = attacks<Forge>('stellar', 'C10', run, [
  ['stellar-nothing', 'no bytes at all', 'strict XDR', MALFORMED, () => new Uint8Array()],
  [
    'stellar-hash',
    'a hash instead of a transaction',
    'one envelope type',
    'TRANSACTION_MALFORMED UNKNOWN_ENVELOPE_TYPE',
    () => new Uint8Array(32).fill(0xab),
  ],
  [
    'stellar-v0',
    'a V0 envelope around the same payment: a second encoding of it',
    'one envelope type',
    'TRANSACTION_MALFORMED V0_ENVELOPE',
    v0,
  ],
  [
    'stellar-fee-bump',
    'a fee bump that spends the treasury on fees',
    'one envelope type',
    'TRANSACTION_MALFORMED FEE_BUMP_ENVELOPE',
    feeBump,
  ],
  [
    'stellar-bare',
    'the transaction without its envelope',
    'one envelope type',
    'TRANSACTION_MALFORMED V0_ENVELOPE',
    ({ tx }) => tx.toXdr(),
  ],
  [
    'stellar-preimage',
    'the tag of a contract id’s preimage in front, to get a signature over another kind of hash',
    'one envelope type',
    'TRANSACTION_MALFORMED UNKNOWN_ENVELOPE_TYPE',
    ({ envelope }) => envelope.with(3, 8),
  ],
  [
    'stellar-trailing-byte',
    'a byte after the end',
    'strict XDR',
    MALFORMED,
    ({ envelope }) => Uint8Array.of(...envelope, 0),
  ],
  [
    'stellar-second-envelope',
    'a second envelope after the first',
    'strict XDR',
    MALFORMED,
    ({ envelope }) => Uint8Array.of(...envelope, ...envelope),
  ],
  [
    'stellar-truncated',
    'an envelope without its count of signatures',
    'strict XDR',
    MALFORMED,
    ({ envelope }) => envelope.slice(0, -4),
  ],
  [
    'stellar-signed-by-attacker',
    'a signature of the attacker’s already attached',
    'no foreign signatures',
    'TRANSACTION_MALFORMED ALREADY_SIGNED',
    ({ tx }) => envelopeOf(tx, [signature]),
  ],
  [
    'stellar-signed-before',
    'a transaction with the treasury’s own signature already on it',
    'no foreign signatures',
    'TRANSACTION_MALFORMED ALREADY_SIGNED',
    signedBefore,
  ],
  [
    'stellar-20-signatures',
    'twenty signatures: no room for another',
    'no foreign signatures',
    'TRANSACTION_MALFORMED ALREADY_SIGNED',
    ({ tx }) => envelopeOf(tx, new Array(20).fill(signature)),
  ],
  [
    'stellar-padding',
    'other bytes in the padding of a memo: other hash, same text',
    'strict XDR',
    MALFORMED,
    ({ envelope }) => patched(envelope, memo, `00000005${hex('hello')}000001`),
  ],
  [
    'stellar-memo-type',
    'a memo of a type that is not there',
    'strict XDR',
    MALFORMED,
    ({ envelope }) => patched(envelope, `00000001${memo}`, '00000005'),
  ],
  [
    'stellar-memo-latin1',
    'a memo that is not UTF-8, and would be shown as something else',
    'memo text is UTF-8',
    'TRANSACTION_MALFORMED INVALID_MEMO',
    memoBytes(0xc3, 0x28),
  ],
  [
    'stellar-memo-overlong',
    'an overlong NUL in a memo',
    'memo text is UTF-8',
    'TRANSACTION_MALFORMED INVALID_MEMO',
    memoBytes(0xc0, 0x80),
  ],
  [
    'stellar-memo-surrogate',
    'half a surrogate pair in a memo',
    'memo text is UTF-8',
    'TRANSACTION_MALFORMED INVALID_MEMO',
    memoBytes(0xed, 0xa0, 0x80),
  ],
  [
    'stellar-soroban-data',
    'a resource fee on a payment',
    'no extension',
    'TRANSACTION_MALFORMED SOROBAN_DATA',
    ({ envelope }) => reshaped(envelope, { ext: resources }),
  ],
  [
    'stellar-extension',
    'an extension of a version to come',
    'strict XDR',
    MALFORMED,
    ({ envelope }) => envelope.with(-5, 2),
  ],
  [
    'stellar-no-preconditions',
    'no time bounds: valid for ever',
    'time bounds alone',
    'TRANSACTION_MALFORMED TIME_BOUNDS_MISSING',
    ({ envelope }) => reshaped(envelope, { cond: xdr.Preconditions.precondNone() }),
  ],
  [
    'stellar-v2-min-sequence',
    'a lowest sequence number of 0: valid in a lane that is closed',
    'time bounds alone',
    'TRANSACTION_MALFORMED UNSUPPORTED_PRECONDITIONS',
    preconditions({ minSeqNum: 0n }),
  ],
  [
    'stellar-v2-no-times',
    'ledger bounds instead of time bounds',
    'time bounds alone',
    'TRANSACTION_MALFORMED UNSUPPORTED_PRECONDITIONS',
    preconditions({ timeBounds: null, ledgerBounds: new xdr.LedgerBounds({ minLedger: 0, maxLedger: 0 }) }),
  ],
  [
    'stellar-v2-extra-signer',
    'an extra signer that must sign too: only the attacker can submit it, when it suits',
    'time bounds alone',
    'TRANSACTION_MALFORMED UNSUPPORTED_PRECONDITIONS',
    preconditions({ extraSigners: [xdr.SignerKey.signerKeyTypeEd25519(new Uint8Array(32).fill(3))] }),
  ],
  [
    'stellar-v2-age',
    'a least age of the sequence number: valid later',
    'time bounds alone',
    'TRANSACTION_MALFORMED UNSUPPORTED_PRECONDITIONS',
    preconditions({ minSeqAge: 86_400n }),
  ],
  [
    'stellar-v2-plain',
    'version 2 of preconditions with nothing but time bounds: a second encoding',
    'time bounds alone',
    'TRANSACTION_MALFORMED UNSUPPORTED_PRECONDITIONS',
    preconditions({}),
  ],
  [
    'stellar-muxed-source',
    'the channel under a number: a second name of the same account',
    'plain sources',
    'TRANSACTION_MALFORMED MUXED_SOURCE',
    ({ envelope }, { world }) =>
      reshaped(envelope, { sourceAccount: muxed(world.keys.channels[0]?.rawPublicKey() ?? new Uint8Array()) }),
  ],
  [
    'stellar-muxed-payer',
    'the treasury under a number as source of a payment',
    'plain sources',
    'TRANSACTION_MALFORMED MUXED_SOURCE',
    ({ envelope, tx }, { world }) =>
      reshaped(envelope, {
        operations: tx.operations.map(
          ({ body, sourceAccount }) =>
            new xdr.Operation({ body, sourceAccount: sourceAccount && muxed(world.keys.stellar.publicKey) }),
        ),
      }),
  ],
  [
    'stellar-sequence-0',
    'sequence number 0',
    'sequence in a lane',
    'TRANSACTION_MALFORMED INVALID_SEQUENCE',
    ({ envelope }) => reshaped(envelope, { seqNum: 0n }),
  ],
  [
    'stellar-sequence-negative',
    'a negative sequence number',
    'sequence in a lane',
    'TRANSACTION_MALFORMED INVALID_SEQUENCE',
    ({ envelope }) => reshaped(envelope, { seqNum: -1024n }),
  ],
  [
    'stellar-sequence-last',
    'the largest sequence number, which lies in no whole lane',
    'sequence in a lane',
    'TRANSACTION_MALFORMED INVALID_SEQUENCE',
    ({ envelope }) => reshaped(envelope, { seqNum: 2n ** 63n - 1n }),
  ],
  [
    'stellar-no-operations',
    'no operation',
    'at least one operation',
    'TRANSACTION_MALFORMED OPERATION_COUNT',
    ({ envelope }) => reshaped(envelope, { operations: [] }),
  ],
  [
    'stellar-4-billion-operations',
    'a count of 4 billion operations',
    'strict XDR',
    MALFORMED,
    ({ envelope }) =>
      patched(
        reshaped(envelope, { memo: xdr.Memo.memoNone(), operations: [] }),
        `0000000000000000${'0'.repeat(16)}`,
        `00000000ffffffff${'0'.repeat(16)}`,
      ),
  ],
  [
    'stellar-optional-2',
    'an optional source that is present by 2: true to one reader, not to another',
    'strict XDR',
    MALFORMED,
    ({ envelope, tx }) =>
      patched(
        envelope,
        hex(tx.operations.at(-1)?.toXdr() ?? ''),
        `00000002${hex(tx.operations.at(-1)?.toXdr() ?? '').slice(8)}`,
      ),
  ],
  [
    'stellar-32-kib',
    'more than 32 KiB',
    'size of a transaction',
    'TRANSACTION_MALFORMED TRANSACTION_TOO_LARGE',
    () => new Uint8Array(32 * 1024 + 1),
  ],
]);
