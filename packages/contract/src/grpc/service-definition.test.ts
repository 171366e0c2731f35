import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import { SignerService, SignTransactionRequestSchema } from '../gen/countersign/signer/v1/signer_pb.ts';
import { Health } from '../gen/grpc/health/v1/health_pb.ts';
import { serviceDefinition } from './service-definition.ts';

const { signTransaction } = serviceDefinition(SignerService);

describe('serviceDefinition', () => {
  test('names paths and streams as in the proto', () => {
    const health = serviceDefinition(Health);
    const shape = ({ path, requestStream, responseStream }: typeof health.check) => [
      path,
      requestStream,
      responseStream,
    ];
    expect(shape(health.check)).toEqual(['/grpc.health.v1.Health/Check', false, false]);
    expect(shape(health.watch)).toEqual(['/grpc.health.v1.Health/Watch', false, true]);
    expect(Object.keys(serviceDefinition(SignerService))).toEqual(['signTransaction', 'listKeys', 'getKey']);
  });

  test('gives every bytes field memory of its own: later writes to the buffer change nothing', () => {
    const hash = new Uint8Array(32).fill(7);
    const request = create(SignTransactionRequestSchema, {
      requestId: 'r',
      payouts: [
        { payoutId: 'a', memo: { kind: { case: 'hash', value: hash } } },
        { payoutId: 'b', memo: { kind: { case: 'id', value: 2n ** 64n - 1n } } },
      ],
      transaction: { case: 'stellar', value: { networkPassphrase: 'n', envelopeXdr: new Uint8Array([1, 2, 3]) } },
    });
    const pool = Buffer.alloc(4096);
    const wire = signTransaction.requestSerialize(request);
    const view = pool.subarray(64, 64 + wire.copy(pool, 64));

    const decoded = signTransaction.requestDeserialize(view);
    pool.fill(0xee);

    expect(decoded).toEqual(request);
    const memo = decoded.payouts[0]?.memo?.kind;
    const envelope = decoded.transaction.case === 'stellar' && decoded.transaction.value.envelopeXdr;
    for (const bytes of [memo?.value, envelope]) {
      if (!(bytes instanceof Uint8Array)) throw new Error('no bytes');
      expect(bytes.buffer).not.toBe(pool.buffer);
      expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
      expect(Buffer.isBuffer(bytes)).toBe(false);
    }
  });

  test('keeps no unknown fields', () => {
    const known = toBinary(SignTransactionRequestSchema, create(SignTransactionRequestSchema, { requestId: 'r' }));
    const unknown = Buffer.concat([known, Buffer.from([0xfa, 0x01, 0x01, 0x61])]);
    const decoded = signTransaction.requestDeserialize(unknown);
    expect(decoded.$unknown).toBeUndefined();
    expect(signTransaction.requestSerialize(decoded)).toEqual(Buffer.from(known));
  });

  test('refuses bytes that are no message', () => {
    expect(() => signTransaction.requestDeserialize(Buffer.from([0x0a, 0xff]))).toThrow();
  });
});
