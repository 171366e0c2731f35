import { fromBinary } from '@bufbuild/protobuf';
import { type SignTransactionRequest, SignTransactionRequestSchema } from '@countersign/contract/signer';
import { describe, expect, test } from '@jest/globals';
import { Random } from '../random.ts';
import { validRequest } from '../requests.ts';
import { APPROVAL_ABOVE, KEYS, STRANGER } from '../world.ts';
import { mayBeSigned } from './may-be-signed.ts';

const requests = Array.from({ length: 60 }, (_, seed) => validRequest(new Random(seed)));
const read = (bytes: Uint8Array) => fromBinary(SignTransactionRequestSchema, bytes);

/** The requests that this change applies to, changed. */
function changed(change: (request: SignTransactionRequest) => boolean): SignTransactionRequest[] {
  const touched = requests.map(read).filter(change);
  expect(touched.length).toBeGreaterThan(2);
  return touched;
}

/** Changes the first payout that there is. */
const ofPayout = (change: (payout: SignTransactionRequest['payouts'][number]) => void) =>
  changed(({ payouts: [payout] }) => {
    if (payout !== undefined) change(payout);
    return payout !== undefined;
  });

describe('what the fuzzer holds a signed request to', () => {
  test('lets every valid one pass', () => {
    for (const bytes of requests) expect(() => mayBeSigned(read(bytes))).not.toThrow();
  });

  test.each<[string, () => SignTransactionRequest[]]>([
    ['another amount', () => ofPayout((payout) => Object.assign(payout, { amount: `${BigInt(payout.amount) + 1n}` }))],
    [
      'another destination',
      () => ofPayout((payout) => Object.assign(payout, { destination: KEYS.issuer.publicKey() })),
    ],
    ['another asset', () => ofPayout((payout) => Object.assign(payout, { asset: 'eip155:31337/slip44:61' }))],
    [
      'a memo that is not there',
      () => ofPayout((payout) => Object.assign(payout, { memo: { kind: { case: 'text', value: 'x' } } })),
    ],
    ['a payout too few', () => changed(({ payouts }) => payouts.pop() !== undefined)],
    [
      'a payout id twice',
      () =>
        changed(
          ({ payouts }) =>
            payouts[1] !== undefined && Object.assign(payouts[1], { payoutId: payouts[0]?.payoutId }) !== null,
        ),
    ],
    [
      'no approval of a stranger',
      () =>
        changed(({ payouts }) => {
          const strangers = payouts.filter(({ destination }) => destination === STRANGER);
          for (const payout of strangers) payout.approvals = [];
          return strangers.length > 0;
        }),
    ],
    [
      'an approval of another amount',
      () =>
        changed(({ keyId, payouts }) => {
          const [first, second] = payouts.filter(
            ({ amount, approvals }) => approvals.length > 0 && BigInt(amount) > APPROVAL_ABOVE,
          );
          if (keyId !== 'treasury-stellar' || first === undefined || second === undefined) return false;
          first.approvals = second.approvals;
          return true;
        }),
    ],
    [
      'another network',
      () =>
        changed(({ transaction }) => {
          if (transaction.case !== 'stellar' && transaction.case !== 'stellarAuthorization') return false;
          transaction.value.networkPassphrase = 'Test SDF Network ; September 2015';
          return true;
        }),
    ],
    [
      'the nonce of another payout',
      () =>
        changed(({ transaction, payouts: [payout] }) => {
          if (transaction.case !== 'stellarAuthorization' || payout === undefined) return false;
          payout.payoutId += '0';
          return true;
        }),
    ],
  ])('is not: %s', (_, make) => {
    for (const request of make()) expect(() => mayBeSigned(request)).toThrow();
  });
});
