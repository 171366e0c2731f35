import { describe, expect, test } from '@jest/globals';
import { xdr } from '@stellar/stellar-sdk/base';
import { refusedWith } from '../../testing/refused.ts';
import { decodeClassic, STANDALONE } from '../../testing/stellar.ts';
import {
  base,
  envelope,
  hidden,
  issued,
  many,
  operation,
  payment,
  plain,
  signed,
  withFields,
} from '../../testing/varied-envelope.ts';
import type { TransactionErrorCode } from '../error.ts';
import { decodeStellarTransaction } from './decode.ts';

function creation(startingBalance: bigint): xdr.OperationBody {
  const destination = xdr.PublicKey.publicKeyTypeEd25519(new Uint8Array(32));
  return xdr.OperationBody.createAccount(new xdr.CreateAccountOp({ destination, startingBalance }));
}

function bump(bumpTo: bigint): xdr.OperationBody {
  return xdr.OperationBody.bumpSequence(new xdr.BumpSequenceOp({ bumpTo }));
}

/** The envelope with bytes in it replaced; both are written in hex, and the first must occur exactly once. */
function patched(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const hex = Buffer.from(bytes).toString('hex');
  expect(hex.split(from)).toHaveLength(2);
  return new Uint8Array(Buffer.from(hex.replace(from, to), 'hex'));
}

/** An envelope around one operation alone, with bytes in it replaced. */
function changed(only: xdr.Operation, from: string, to: string): Uint8Array {
  return patched(withFields({ memo: xdr.Memo.memoNone(), operations: [only] }), from, to);
}

const muxed = xdr.MuxedAccount.keyTypeMuxedEd25519(
  new xdr.MuxedAccountMed25519({ id: 7n, ed25519: new Uint8Array(32).fill(1) }),
);
const timeBounds = new xdr.TimeBounds({ minTime: 0n, maxTime: 1_800_000_000n });
const noPreconditions = {
  timeBounds,
  ledgerBounds: null,
  minSeqNum: null,
  minSeqAge: 0n,
  minSeqLedgerGap: 0,
  extraSigners: [],
};
const v2 = (changes: Partial<ConstructorParameters<typeof xdr.PreconditionsV2>[0]>) =>
  xdr.Preconditions.precondV2(new xdr.PreconditionsV2({ ...noPreconditions, ...changes }));
const sorobanData = xdr.TransactionExt.sorobanData(
  new xdr.SorobanTransactionData({
    ext: xdr.SorobanTransactionDataExt.v0(),
    resources: new xdr.SorobanResources({
      footprint: new xdr.LedgerFootprint({ readOnly: [], readWrite: [] }),
      instructions: 0,
      diskReadBytes: 0,
      writeBytes: 0,
    }),
    resourceFee: 1n,
  }),
);
const v0 = xdr.TransactionEnvelope.envelopeTypeTxV0(
  new xdr.TransactionV0Envelope({
    tx: new xdr.TransactionV0({
      sourceAccountEd25519: new Uint8Array(32).fill(1),
      fee: base.fee,
      seqNum: base.seqNum,
      timeBounds,
      memo: base.memo,
      operations: base.operations,
      ext: xdr.TransactionV0Ext.v0(),
    }),
    signatures: [],
  }),
);
const feeBump = xdr.TransactionEnvelope.envelopeTypeTxFeeBump(
  new xdr.FeeBumpTransactionEnvelope({
    tx: new xdr.FeeBumpTransaction({
      feeSource: plain,
      fee: 1_000n,
      innerTx: xdr.FeeBumpTransactionInnerTx.envelopeTypeTx(
        new xdr.TransactionV1Envelope({ tx: base, signatures: [] }),
      ),
      ext: xdr.FeeBumpTransactionExt.v0(),
    }),
    signatures: [],
  }),
);
const helloMemo = '0000000568656c6c6f000000';
// 99 payments and a place for one more operation.
const TRAPS: [string, () => Uint8Array, TransactionErrorCode, string][] = [
  ['nothing', () => new Uint8Array(), 'MALFORMED_TRANSACTION', 'transaction'],
  ['three bytes', () => new Uint8Array(3), 'MALFORMED_TRANSACTION', 'transaction'],
  ['an envelope type alone', () => Uint8Array.of(0, 0, 0, 2), 'MALFORMED_TRANSACTION', 'transaction'],
  [
    'base64 text instead of bytes',
    () => Buffer.from(envelope).toString('base64') as never,
    'INVALID_BYTES',
    'transaction',
  ],
  ['an array instead of bytes', () => Array.from(envelope) as never, 'INVALID_BYTES', 'transaction'],
  ['32 KiB and a byte', () => new Uint8Array(32_769), 'TRANSACTION_TOO_LARGE', 'transaction'],
  ['a V0 envelope', () => v0.toXdr(), 'V0_ENVELOPE', 'transaction'],
  ['a fee bump around a good transaction', () => feeBump.toXdr(), 'FEE_BUMP_ENVELOPE', 'transaction'],
  ['a transaction without an envelope', () => base.toXdr(), 'V0_ENVELOPE', 'transaction'],
  ['an authorization entry', () => envelope.with(3, 9), 'UNKNOWN_ENVELOPE_TYPE', 'transaction'],
  ['a negative envelope type', () => envelope.with(0, 0xff), 'UNKNOWN_ENVELOPE_TYPE', 'transaction'],
  ['a byte after the end', () => Uint8Array.of(...envelope, 0), 'MALFORMED_TRANSACTION', 'transaction'],
  ['four bytes after the end', () => Uint8Array.of(...envelope, 0, 0, 0, 0), 'MALFORMED_TRANSACTION', 'transaction'],
  [
    'a second envelope after the first',
    () => Uint8Array.of(...envelope, ...envelope),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  ['no signature count', () => envelope.slice(0, -4), 'MALFORMED_TRANSACTION', 'transaction'],
  ['one signature', () => signed(base, 1).toXdr(), 'ALREADY_SIGNED', 'transaction.signatures'],
  ['twenty signatures', () => signed(base, 20).toXdr(), 'ALREADY_SIGNED', 'transaction.signatures'],
  ['a count of 21 signatures', () => envelope.with(-1, 21), 'MALFORMED_TRANSACTION', 'transaction'],
  [
    'bytes in the padding of a memo',
    () => patched(envelope, helloMemo, '0000000568656c6c6f000001'),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a memo of 29 bytes',
    () => patched(envelope, helloMemo, `0000001d${'41'.repeat(29)}000000`),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a memo of an unknown type',
    () => patched(envelope, `00000001${helloMemo}`, '00000005'),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a memo of 4 GiB',
    () => patched(envelope, helloMemo, 'ffffffff68656c6c6f000000'),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a memo of a negative type',
    () => patched(envelope, `00000001${helloMemo}`, 'ffffffff'),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    '4 billion signatures',
    () => Uint8Array.of(...envelope.slice(0, -4), 255, 255, 255, 255),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  ['an account of an unknown type', () => envelope.with(7, 1), 'MALFORMED_TRANSACTION', 'transaction'],
  ['an account of a negative type', () => envelope.with(4, 0x80), 'MALFORMED_TRANSACTION', 'transaction'],
  ['preconditions of an unknown type', () => envelope.with(55, 3), 'MALFORMED_TRANSACTION', 'transaction'],
  [
    'an operation of an unknown type',
    () => changed(operation(bump(0x1122n)), '0000000b0000000000001122', '0000001b0000000000001122'),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'an operation of a negative type',
    () => changed(operation(bump(0x1122n)), '0000000b0000000000001122', 'ffffffff0000000000001122'),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a payment of a share in a pool',
    () =>
      changed(
        operation(payment({ amount: 0x1122n })),
        `${'0'.repeat(8)}0000000000001122`,
        `00000003${'ab'.repeat(32)}0000000000001122`,
      ),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'an issuer of an unknown key type',
    () =>
      changed(
        operation(payment({ asset: issued('USD\0') })),
        `5553440000000000${'05'.repeat(32)}`,
        `5553440000000001${'05'.repeat(32)}`,
      ),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a muxed destination that ends early',
    () => changed(operation(payment({})), `0000000100000000${'01'.repeat(32)}`, `0000000100000100${'01'.repeat(32)}`),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'fewer operations than are counted',
    () => changed(operation(bump(0x1122n)), '00000001000000000000000b', '00000002000000000000000b'),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'more operations than are counted',
    () => changed(operation(bump(0x1122n)), '0000000000001122', '0000000000001122000000000000000b0000000000001122'),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a memo that is not UTF-8',
    () => withFields({ memo: xdr.Memo.memoText(Uint8Array.of(0xc3, 0x28)) }),
    'INVALID_MEMO',
    'memo',
  ],
  [
    'a surrogate in a memo',
    () => withFields({ memo: xdr.Memo.memoText(Uint8Array.of(0xed, 0xa0, 0x80)) }),
    'INVALID_MEMO',
    'memo',
  ],
  [
    'an overlong NUL in a memo',
    () => withFields({ memo: xdr.Memo.memoText(Uint8Array.of(0xc0, 0x80)) }),
    'INVALID_MEMO',
    'memo',
  ],
  ['Soroban data', () => withFields({ ext: sorobanData }), 'SOROBAN_DATA', 'ext'],
  ['an extension of version 2', () => envelope.with(-5, 2), 'MALFORMED_TRANSACTION', 'transaction'],
  [
    'no preconditions',
    () => withFields({ cond: xdr.Preconditions.precondNone() }),
    'TIME_BOUNDS_MISSING',
    'preconditions',
  ],
  [
    'preconditions V2 with nothing but time bounds',
    () => withFields({ cond: v2({}) }),
    'UNSUPPORTED_PRECONDITIONS',
    'preconditions',
  ],
  [
    'preconditions V2 with a lowest sequence',
    () => withFields({ cond: v2({ minSeqNum: 1n }) }),
    'UNSUPPORTED_PRECONDITIONS',
    'preconditions',
  ],
  [
    'preconditions V2 without time bounds',
    () => withFields({ cond: v2({ timeBounds: null }) }),
    'UNSUPPORTED_PRECONDITIONS',
    'preconditions',
  ],
  ['a muxed source', () => withFields({ sourceAccount: muxed }), 'MUXED_SOURCE', 'source'],
  [
    'a muxed source of an operation',
    () => withFields({ operations: [...many, operation(payment({}), muxed)] }),
    'MUXED_SOURCE',
    'operations[99].source',
  ],
  [
    'a muxed source of the closing operation',
    () => withFields({ operations: [operation(bump(1n), muxed)] }),
    'MUXED_SOURCE',
    'operations[0].source',
  ],
  ['sequence 0', () => withFields({ seqNum: 0n }), 'INVALID_SEQUENCE', 'sequence'],
  ['a negative sequence', () => withFields({ seqNum: -1n }), 'INVALID_SEQUENCE', 'sequence'],
  ['a sequence after the last lane', () => withFields({ seqNum: 2n ** 63n - 1023n }), 'INVALID_SEQUENCE', 'sequence'],
  ['the largest sequence', () => withFields({ seqNum: 2n ** 63n - 1n }), 'INVALID_SEQUENCE', 'sequence'],
  ['no operations', () => withFields({ operations: [] }), 'OPERATION_COUNT', 'operations'],
  [
    '101 operations',
    () => {
      const bytes = withFields({ operations: new Array(100).fill(operation(bump(1n))) });
      const one = Buffer.from(operation(bump(1n)).toXdr()).toString('hex');
      return patched(bytes, `00000064${one}`, `00000065${one}${one}`);
    },
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    '4 billion operations',
    () =>
      patched(
        withFields({ memo: xdr.Memo.memoNone(), operations: [] }),
        `0000000000000000${'0'.repeat(16)}`,
        `00000000ffffffff${'0'.repeat(16)}`,
      ),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'an optional source that is present by 2',
    () =>
      patched(
        withFields({ operations: [operation(bump(0x1122n))] }),
        '000000000000000b0000000000001122',
        '000000020000000b0000000000001122',
      ),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  ...[
    'USD\0\0\0\0\0\0\0\0\0',
    'USDC\0\0\0\0\0\0\0\0',
    '\0'.repeat(12),
    '\0'.repeat(4),
    '\0USD',
    'U\0SD',
    'USD ',
    'US-D',
    'US\xc9\0',
    'USDCOIN\0\0\0\0X',
    '\0USDCOIN\0\0\0\0',
    'USD\0COIN\0\0\0\0',
    'USDCOIN-\0\0\0\0',
  ].map((code): (typeof TRAPS)[number] => [
    `an asset code of ${JSON.stringify(code)}`,
    () => hidden(payment({ asset: issued(code) })),
    'INVALID_ASSET_CODE',
    'operations[57].asset.code',
  ]),
  ['a payment of 0', () => hidden(payment({ amount: 0n })), 'INVALID_AMOUNT', 'operations[57].amount'],
  ['a payment of -1', () => hidden(payment({ amount: -1n })), 'INVALID_AMOUNT', 'operations[57].amount'],
  [
    'a payment of the least int64',
    () => hidden(payment({ amount: -(2n ** 63n) })),
    'INVALID_AMOUNT',
    'operations[57].amount',
  ],
  ['an account created with 0', () => hidden(creation(0n)), 'INVALID_AMOUNT', 'operations[57].amount'],
  ['an account created with -1', () => hidden(creation(-1n)), 'INVALID_AMOUNT', 'operations[57].amount'],
  ['a bump to a negative number', () => hidden(bump(-1n)), 'INVALID_SEQUENCE', 'operations[57].bumpTo'],
  [
    'a path payment',
    () =>
      hidden(
        xdr.OperationBody.pathPaymentStrictSend(
          new xdr.PathPaymentStrictSendOp({
            sendAsset: xdr.Asset.assetTypeNative(),
            sendAmount: 1n,
            destination: plain,
            destAsset: xdr.Asset.assetTypeNative(),
            destMin: 1n,
            path: [],
          }),
        ),
      ),
    'UNSUPPORTED_OPERATION',
    'operations[57]',
  ],
];

describe('a Stellar trap', () => {
  test.each(TRAPS)('%s', (_name, bytes, code, field) => {
    const trap = bytes();
    expect(refusedWith(() => decodeStellarTransaction(STANDALONE, trap))).toEqual({ code, field });
  });

  test.each<[string, () => Uint8Array]>([
    ['is cut short', () => envelope.subarray(0, -1)],
    ['has a memo that is not UTF-8', () => withFields({ memo: xdr.Memo.memoText(new Uint8Array([0xff])) })],
  ])('that %s is refused with what the library said of it', (_name, bytes) => {
    expect(() => decodeStellarTransaction(STANDALONE, bytes())).toThrow(
      expect.objectContaining({
        name: 'TransactionError',
        cause: expect.objectContaining({ message: expect.any(String) }),
      }),
    );
  });

  test('the envelope that they all vary is accepted', () => {
    expect(decodeClassic(STANDALONE, envelope).operations).toHaveLength(3);
    expect(decodeStellarTransaction(STANDALONE, withFields({}))).toEqual(
      decodeStellarTransaction(STANDALONE, envelope),
    );
  });

  test.each(['', '\udc00'])('another network: %j is no passphrase', (passphrase) => {
    expect(refusedWith(() => decodeStellarTransaction(passphrase, envelope))).toEqual({
      code: 'INVALID_NETWORK_PASSPHRASE',
      field: 'networkPassphrase',
    });
  });
});
