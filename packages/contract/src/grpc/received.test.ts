import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Purpose, SignTransactionRequestSchema } from '../gen/countersign/signer/v1/signer_pb.ts';
import { receive } from './received.ts';

const REQUEST = create(SignTransactionRequestSchema, {
  requestId: 'r',
  keyId: 'k',
  purpose: Purpose.PAYOUT,
  payouts: [{ payoutId: 'p', amount: '1', approvals: [{ expiresAt: 1n, signature: new Uint8Array([1]) }] }],
  transaction: { case: 'evm', value: { unsignedTransaction: new Uint8Array([2]), lowestOpenNonce: 3n } },
});
const BYTES = toBinary(SignTransactionRequestSchema, REQUEST);

const read = (...parts: Uint8Array[]) => receive(SignTransactionRequestSchema, Buffer.concat(parts));
const why = (...parts: Uint8Array[]) => {
  const received = read(...parts);
  return received.kind === 'unreadable' ? received.reason.code : received.kind;
};
/** A field on the wire. */
const field = (number: number, type: WireType, write: (writer: BinaryWriter) => BinaryWriter): Uint8Array =>
  write(new BinaryWriter().tag(number, type)).finish();
const text = (number: number, value: string) => field(number, WireType.LengthDelimited, (to) => to.string(value));
const inside = (number: number, bytes: Uint8Array) => field(number, WireType.LengthDelimited, (to) => to.bytes(bytes));

describe('receive', () => {
  test('gives the message of a canonical encoding', () => {
    expect(read(BYTES)).toEqual({ kind: 'message', message: REQUEST });
    expect(why()).toBe('message');
  });

  test.each<[what: string, code: string, bytes: Uint8Array[]]>([
    ['a field that the message does not have', 'UNKNOWN_FIELD', [BYTES, text(99, 'x')]],
    ['one inside a payout', 'UNKNOWN_FIELD', [inside(4, text(99, 'x'))]],
    ['one inside an approval', 'UNKNOWN_FIELD', [inside(4, inside(6, text(99, 'x')))]],
    ['one inside the transaction', 'UNKNOWN_FIELD', [inside(6, text(99, 'x'))]],
    ['a known field of another wire type', 'MESSAGE_UNDECODABLE', [field(1, WireType.Varint, (to) => to.uint32(1))]],
    ['a field twice', 'MESSAGE_NOT_CANONICAL', [text(1, 'a'), text(1, 'b')]],
    ['two transactions', 'MESSAGE_NOT_CANONICAL', [inside(5, text(1, 'n')), inside(6, new Uint8Array())]],
    ['fields out of order', 'MESSAGE_NOT_CANONICAL', [text(2, 'k'), text(1, 'r')]],
    ['a default that is spelled out', 'MESSAGE_NOT_CANONICAL', [text(1, '')]],
    ['a number that is longer than need be', 'MESSAGE_NOT_CANONICAL', [new Uint8Array([0x18, 0x81, 0x00])]],
    ['half a field', 'MESSAGE_UNDECODABLE', [new Uint8Array([0x0a, 0xff])]],
    ['an end without a beginning', 'MESSAGE_UNDECODABLE', [new Uint8Array([0x0c])]],
    ['groups in groups without end', 'MESSAGE_UNDECODABLE', [new Uint8Array(1_000_000).fill(0x7b)]],
  ])('refuses %s: %s', (_, code, bytes) => {
    expect(why(...bytes)).toBe(code);
  });

  test('refuses text that is not UTF-8, and does not mend it', () => {
    expect(why(new Uint8Array([0x0a, 0x01, 0xff]))).not.toBe('message');
  });

  test('keeps the bytes of what it cannot read, and shows none of them', () => {
    expect(read(BYTES, text(99, 'secret'))).toEqual({
      kind: 'unreadable',
      reason: { code: 'UNKNOWN_FIELD', message: expect.not.stringContaining('secret') },
      bytes: Buffer.concat([BYTES, text(99, 'secret')]),
    });
  });

  test('never throws, and takes one encoding of a message alone', () => {
    const mutated = fc.tuple(fc.nat({ max: BYTES.length }), fc.uint8Array({ maxLength: 8 }), fc.nat({ max: 4 }));
    fc.assert(
      fc.property(mutated, ([at, inserted, cut]) => {
        const bytes = Buffer.concat([BYTES.subarray(0, at), inserted, BYTES.subarray(at + cut)]);
        const received = receive(SignTransactionRequestSchema, bytes);
        if (received.kind === 'message')
          expect(bytes.equals(toBinary(SignTransactionRequestSchema, received.message))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
