import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { MemoSchema, type SignTransactionRequest } from '@countersign/contract/signer';
import { StrKey, type xdr } from '@stellar/stellar-sdk/base';
import { stellarRequest } from '../../harness/requests.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { assets, bytesOf, carrying, channel, declaring, secondsFromNow, stellar } from '../forge/requests.ts';
import { account, bump, repaid, reshaped, transactionIn } from '../forge/stellar.ts';

type Forge = (t: Attacker) => SignTransactionRequest;

const run = (forge: Forge) => async (t: Attacker) => t.sign(forge(t));

/** A request whose transaction has other operations than it declares; `change` gets the payments and the closing bump. */
const operations =
  (change: (payment: xdr.Operation, closing: xdr.Operation, t: Attacker) => xdr.Operation[]): Forge =>
  (t) => {
    const request = stellar(t);
    const [payment, closing] = transactionIn(bytesOf(request)).operations;
    if (payment === undefined || closing === undefined) throw new Error('not as built');
    return carrying(request, reshaped(bytesOf(request), { operations: change(payment, closing, t) }));
  };

const endOf = (closing: xdr.Operation) => {
  if (closing.body.type !== 'bumpSequence') throw new Error('not as built');
  return closing.body.bumpSequenceOp.bumpTo;
};

const recipient = ({ world }: Attacker, index = 0) => world.recipients.stellar[index] ?? '';
const memo = (kind: NonNullable<MessageInitShape<typeof MemoSchema>['kind']>) => create(MemoSchema, { kind });

const twoToOne: Forge = (t) => {
  const one = { id: t.payout(), amount: 5n };
  const request = stellarRequest(t.world, [one, { ...one, id: t.payout() }], { sequence: t.sequence() });
  const [first, , closing] = transactionIn(bytesOf(request)).operations;
  if (first === undefined || closing === undefined) throw new Error('not as built');
  return carrying(request, reshaped(bytesOf(request), { operations: [first, closing] }));
};

const swapped: Forge = (t) => {
  const [a, b] = [recipient(t, 0), recipient(t, 1)];
  const ids = [t.payout(), t.payout()];
  const [first = '', second = ''] = ids;
  const sequence = t.sequence();
  const request = stellarRequest(
    t.world,
    [
      { id: first, destination: a, amount: 1n },
      { id: second, destination: b, amount: 9n },
    ],
    { sequence },
  );
  const other = stellarRequest(
    t.world,
    [
      { id: first, destination: a, amount: 9n },
      { id: second, destination: b, amount: 1n },
    ],
    { sequence },
  );
  return { ...request, transaction: other.transaction };
};

const muxedOfRecipient = (t: Attacker) => {
  const raw = StrKey.decodeEd25519PublicKey(recipient(t));
  return StrKey.encodeMed25519PublicKey(Buffer.concat([raw, Buffer.from('0000000000000007', 'hex')]));
};

const MISSING = 'TRANSACTION_MISMATCH PAYOUT_NOT_PAID';
const EXTRA = 'TRANSACTION_MISMATCH TRANSFER_NOT_DECLARED';
const OPEN = 'TRANSACTION_MISMATCH LANE_NOT_CLOSED';
const DECLARED = 'transfers are exactly the payouts';
const CLOSED = 'the last operation closes the lane';

/** A good transaction that is not what the request says, or a good request around another transaction. */
export const STELLAR_MATCH = attacks<Forge>('stellar', 'C4', run, [
  [
    'match-amount',
    'ten times the declared amount',
    DECLARED,
    MISSING,
    (t) => declaring(stellar(t), { amount: '1000000' }),
  ],
  [
    'match-destination',
    'another listed destination than declared',
    DECLARED,
    MISSING,
    (t) => declaring(stellar(t), { destination: recipient(t, 1) }),
  ],
  [
    'match-asset',
    'lumens, declared as the stack’s USDC',
    DECLARED,
    MISSING,
    (t) => declaring(stellar(t), { asset: assets(t).stellarUsdc }),
  ],
  [
    'match-muxed',
    'a customer’s number of the account, declared without it',
    DECLARED,
    MISSING,
    (t) => {
      const request = stellar(t, { destination: muxedOfRecipient(t) });
      return declaring(request, { destination: recipient(t) });
    },
  ],
  [
    'match-memo-missing',
    'no memo where one is declared: an exchange credits nobody',
    DECLARED,
    MISSING,
    (t) => declaring(stellar(t), { memo: memo({ case: 'text', value: 'invoice 7' }) }),
  ],
  [
    'match-memo-undeclared',
    'the attacker’s memo, not declared',
    DECLARED,
    MISSING,
    (t) => ({ ...stellar(t, {}, { memo: { type: 'text', value: 'me' } }), payouts: stellar(t).payouts }),
  ],
  [
    'match-memo-other',
    'another memo than declared',
    DECLARED,
    MISSING,
    (t) =>
      declaring(stellar(t, {}, { memo: { type: 'text', value: 'me' } }), {
        memo: memo({ case: 'text', value: 'you' }),
      }),
  ],
  [
    'match-memo-kind',
    'the declared number as a memo of text',
    DECLARED,
    MISSING,
    (t) =>
      declaring(stellar(t, {}, { memo: { type: 'text', value: '7' } }), {
        memo: memo({ case: 'id', value: 7n }),
      }),
  ],
  [
    'match-memo-return',
    'a hash as a memo of return',
    DECLARED,
    MISSING,
    (t) =>
      declaring(stellar(t, {}, { memo: { type: 'hash', value: new Uint8Array(32) } }), {
        memo: memo({ case: 'returnHash', value: new Uint8Array(32) }),
      }),
  ],
  [
    'match-twice',
    'the declared payment twice',
    DECLARED,
    EXTRA,
    operations((payment, closing) => [payment, payment, closing]),
  ],
  [
    'match-one-for-two',
    'two payouts of the same terms by one payment: one is marked paid for nothing',
    DECLARED,
    MISSING,
    twoToOne,
  ],
  [
    'match-extra',
    'a second, undeclared payment to a listed destination',
    DECLARED,
    EXTRA,
    operations((payment, closing, t) => [
      payment,
      repaid(payment, { destination: account(StrKey.decodeEd25519PublicKey(recipient(t, 1))) }),
      closing,
    ]),
  ],
  ['match-swapped', 'the right amounts to the wrong ones of two destinations', DECLARED, MISSING, swapped],
  [
    'match-no-payouts',
    'a payment with no payout declared: nothing would be bound',
    'at least one payout',
    'TRANSACTION_MISMATCH NO_PAYOUTS',
    (t) => ({ ...stellar(t), payouts: [] }),
  ],
  [
    'match-bump-alone',
    'a bump alone, declared as nothing: the lane is closed, the payout stuck',
    'at least one payout',
    'TRANSACTION_MISMATCH NO_PAYOUTS',
    (t) => ({ ...operations((_, closing) => [closing])(t), payouts: [] }),
  ],
  [
    'lane-open',
    'no closing operation: two transactions of the lane could both pay',
    CLOSED,
    OPEN,
    operations((payment) => [payment]),
  ],
  [
    'lane-bump-first',
    'the bump before the payment',
    CLOSED,
    OPEN,
    operations((payment, closing) => [closing, payment]),
  ],
  [
    'lane-bump-short',
    'a bump to one below the end: one more transaction of the lane could pay',
    CLOSED,
    OPEN,
    operations((payment, closing) => [payment, bump(endOf(closing) - 1n)]),
  ],
  [
    'lane-bump-far',
    'a bump to the largest number: the channel is dead for ever',
    CLOSED,
    OPEN,
    operations((payment) => [payment, bump(2n ** 63n - 1n)]),
  ],
  [
    'lane-bump-next',
    'a bump to the end of the next lane',
    CLOSED,
    OPEN,
    operations((payment, closing) => [payment, bump(endOf(closing) + 1024n)]),
  ],
  ['lane-bump-zero', 'a bump to 0, which changes nothing', CLOSED, OPEN, operations((payment) => [payment, bump(0n)])],
  [
    'lane-bump-treasury',
    'a bump of the treasury instead of the channel',
    CLOSED,
    OPEN,
    operations((payment, closing, { world }) => [payment, bump(endOf(closing), account(world.keys.stellar.publicKey))]),
  ],
  [
    'lane-bump-other-channel',
    'a bump of another channel',
    CLOSED,
    OPEN,
    operations((payment, closing, t) => [
      payment,
      bump(endOf(closing), account(StrKey.decodeEd25519PublicKey(channel(t, 1)))),
    ]),
  ],
  [
    'lane-bump-twice',
    'a second bump among the payments',
    'one bump',
    'TRANSACTION_MISMATCH OPERATION_NOT_DECLARED',
    operations((payment, closing) => [payment, bump(0n), closing]),
  ],
  [
    'cancel-stellar',
    'a cancel of a Stellar payment: a payment without a payout',
    'cancels on EVM alone',
    'TRANSACTION_MISMATCH CANCEL_NOT_SUPPORTED',
    (t) => ({ ...stellar(t, {}, { maxTime: secondsFromNow(60) }), purpose: 2, payouts: [] }),
  ],
]);
