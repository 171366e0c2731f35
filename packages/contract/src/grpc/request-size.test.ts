import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from '@jest/globals';
import { Purpose, SignTransactionRequestSchema } from '../gen/countersign/signer/v1/signer_pb.ts';
import { MAX_REQUEST_BYTES } from './request-size.ts';

test('the largest request that the contract allows fits, and not much more', () => {
  // An SSHSIG by a P-521 key: 26 bytes of framing, 172 of key, 22 of namespace, 14 of hash, 165 of signature, at most.
  const approval = { expiresAt: 2n ** 62n, signature: new Uint8Array(400).fill(1) };
  const payout = {
    payoutId: 'p'.repeat(64),
    destination: 'M'.repeat(69),
    asset: `stellar:${'r'.repeat(32)}/asset:${'A'.repeat(12)}-${'G'.repeat(56)}`,
    amount: '9'.repeat(78),
    memo: { kind: { case: 'hash', value: new Uint8Array(32).fill(1) } },
    approvals: Array.from({ length: 16 }, () => approval),
  } as const;
  const request = create(SignTransactionRequestSchema, {
    requestId: 'r'.repeat(64),
    keyId: 'k'.repeat(64),
    purpose: Purpose.PAYOUT,
    payouts: Array.from({ length: 99 }, () => payout),
    // Of a hundred operations on muxed accounts, each some 160 bytes.
    transaction: {
      case: 'stellar',
      value: { networkPassphrase: 'n'.repeat(100), envelopeXdr: new Uint8Array(20_000) },
    },
  });
  const { byteLength } = toBinary(SignTransactionRequestSchema, request);
  expect(byteLength).toBeLessThan(MAX_REQUEST_BYTES);
  expect(byteLength).toBeGreaterThan(MAX_REQUEST_BYTES / 2);
});
