import { parseAssetId } from '@countersign/chains/caip';
import { buildEvmTransfer } from '@countersign/chains/evm/build';
import { buildStellarPayout } from '@countersign/chains/stellar/build';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkTransaction } from './check-transaction.ts';

const PASSPHRASE = 'Standalone Network ; February 2017';
const CHANNEL = 'GAAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQDZ7H';
const TREASURY = 'GABAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEJXA';
const RECIPIENT = 'GABQGAYDAMBQGAYDAMBQGAYDAMBQGAYDAMBQGAYDAMBQGAYDAMBQHGPC';
const XLM = 'stellar:standalone/slip44:148';
const USD = `stellar:standalone/asset:USD-${CHANNEL}`;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** What the event of a Stellar payout says. */
function stellar() {
  const payouts = [
    { payoutId: 'po_1', destination: RECIPIENT, asset: XLM, amount: '125000000', memo: 'text:é\\ \n"' },
    { payoutId: 'po_2', destination: RECIPIENT, asset: USD, amount: '7', memo: 'text:é\\ \n"' },
  ];
  const { envelope, hash } = buildStellarPayout({
    networkPassphrase: PASSPHRASE,
    channel: CHANNEL,
    treasury: TREASURY,
    sequence: 5_000_000n,
    fee: 300n,
    maxTime: 1_800_000_000n,
    memo: { type: 'text', value: 'é\\ \n"' },
    payments: payouts.map(({ destination, asset, amount }) => ({
      destination,
      asset: parseAssetId(asset).id,
      amount: BigInt(amount),
      createAccount: false,
    })),
  });
  return {
    transactionKind: 'stellar',
    purpose: 'payout',
    network: 'stellar:standalone',
    account: TREASURY,
    lane: `stellar:standalone:${CHANNEL}:4999168`,
    signingHash: hex(hash),
    networkPassphrase: PASSPHRASE,
    unsignedTransaction: base64(envelope),
    payouts,
  };
}

/** What the event of a transfer of ether says. */
function evm() {
  const [account, destination] = [`0x${'12'.repeat(20)}`, '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'];
  const { unsigned, signingHash } = buildEvmTransfer({
    chainId: 31337n,
    nonce: 7n,
    to: destination,
    amount: 1_000n,
    gasLimit: 21_000n,
    maxFeePerGas: 5n,
    maxPriorityFeePerGas: 1n,
  });
  return {
    transactionKind: 'evm',
    purpose: 'payout',
    network: 'eip155:31337',
    account,
    lane: `eip155:31337:${account}:7`,
    signingHash: hex(signingHash),
    unsignedTransaction: base64(unsigned),
    payouts: [{ payoutId: 'po_1', destination, asset: 'eip155:31337/slip44:60', amount: '1000' }],
  };
}

describe.each([
  ['a Stellar payout', stellar()],
  ['an EVM transfer', evm()],
])('%s', (_, says) => {
  const [payout] = says.payouts;

  test('is what the event says', () => {
    expect(checkTransaction(says)).toBeUndefined();
    expect(checkTransaction({ ...says, payouts: says.payouts.toReversed() })).toBeUndefined();
  });

  test.each<[what: string, change: object]>([
    ['another amount', { payouts: [{ ...payout, amount: '124999999' }, ...says.payouts.slice(1)] }],
    ['another destination', { payouts: [{ ...payout, destination: TREASURY }, ...says.payouts.slice(1)] }],
    ['another asset', { payouts: [{ ...payout, asset: `${says.network}/other` }, ...says.payouts.slice(1)] }],
    ['another memo', { payouts: [{ ...payout, memo: 'id:7' }, ...says.payouts.slice(1)] }],
    ['a payout less', { payouts: says.payouts.slice(1) }],
    ['a payout more', { payouts: [...says.payouts, payout] }],
    ['another network', { network: 'stellar:pubnet' }],
    ['another lane', { lane: `${says.lane}0` }],
    ['another hash', { signingHash: '0'.repeat(64) }],
    ['no bytes', { unsignedTransaction: '' }],
    ['another purpose', { purpose: 'cancel', payouts: [] }],
  ])('that names %s is found', (_, change) => {
    expect(checkTransaction({ ...says, ...change })).toEqual(expect.any(String));
  });

  test('with any other byte is found', () => {
    const bytes = Buffer.from(says.unsignedTransaction, 'base64');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other.writeUInt8(bytes.readUInt8(at) ^ change, at);
        expect(checkTransaction({ ...says, unsignedTransaction: base64(other) })).toEqual(expect.any(String));
      }),
      { numRuns: 300 },
    );
  });

  test('that is cut off or goes on is found', () => {
    const bytes = Buffer.from(says.unsignedTransaction, 'base64');
    for (const other of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.alloc(4)])]) {
      expect(checkTransaction({ ...says, unsignedTransaction: base64(other) })).toMatch(/^unsignedTransaction: /);
    }
  });
});

test('a Stellar transaction needs its passphrase', () => {
  const { networkPassphrase: _, ...rest } = stellar();
  expect(checkTransaction(rest)).toBe('unsignedTransaction: networkPassphrase: expected one');
  expect(checkTransaction({ ...rest, networkPassphrase: 'another' })).toMatch(/^network: /);
});

test('parameters of another shape are told', () => {
  expect(checkTransaction(null)).toMatch(/^unsignedTransaction: requestParameters/);
  expect(checkTransaction({ ...stellar(), payouts: 'none' })).toMatch(/requestParameters.payouts/);
});
