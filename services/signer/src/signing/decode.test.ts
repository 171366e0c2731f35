import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { parseAssetId } from '@countersign/chains/caip';
import { buildEvmTransfer } from '@countersign/chains/evm/build';
import { buildAuthorization, buildStellarPayout } from '@countersign/chains/stellar/build';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { Purpose, SignTransactionRequestSchema } from '@countersign/contract/signer';
import type { RegisteredKey } from '@countersign/custody/registry';
import { describe, expect, test } from '@jest/globals';
import { laneFor } from '../reservation/lane.ts';
import { decode } from './decode.ts';

const PASSPHRASE = 'Standalone Network ; February 2017';
const TREASURY = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const CHANNEL = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
const ANN = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const BOB = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

const keys = new Map<string, RegisteredKey>([
  [
    'treasury-stellar',
    {
      id: 'treasury-stellar',
      algorithm: 'ed25519',
      publicKey: Buffer.from('3f0c34bf93ad0d9971d04ccc90f705511c838aad9734a4a2fb0d7a03fc7fe89a', 'hex'),
      custodies: {},
    },
  ],
  [
    'treasury-evm',
    {
      id: 'treasury-evm',
      algorithm: 'secp256k1',
      publicKey: Buffer.from('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798', 'hex'),
      custodies: {},
    },
  ],
]);

const { envelope, hash } = buildStellarPayout({
  networkPassphrase: PASSPHRASE,
  channel: CHANNEL,
  treasury: TREASURY,
  sequence: 1030n,
  fee: 200n,
  maxTime: 1_800_000_000n,
  payments: [
    { destination: ANN, asset: parseAssetId('stellar:standalone/slip44:148').id, amount: 15n, createAccount: false },
  ],
});
const { unsigned, signingHash } = buildEvmTransfer({
  chainId: 31337n,
  nonce: 4n,
  to: BOB,
  amount: 15n,
  gasLimit: 21_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 1n,
});

const CONTRACT = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const { entry, hash: entryHash } = buildAuthorization({
  networkPassphrase: PASSPHRASE,
  account: TREASURY,
  contract: CONTRACT,
  destination: ANN,
  amount: 15n,
  nonce: authorizationNonce('po_1'),
  expirationLedger: 500,
});

type Request = MessageInitShape<typeof SignTransactionRequestSchema>;
const stellarRequest: Request = {
  requestId: 'at_1',
  keyId: 'treasury-stellar',
  purpose: Purpose.PAYOUT,
  payouts: [{ payoutId: 'po_1', destination: ANN, asset: 'stellar:standalone/slip44:148', amount: '15' }],
  transaction: { case: 'stellar', value: { networkPassphrase: PASSPHRASE, envelopeXdr: envelope } },
};
const evmRequest: Request = {
  requestId: 'at_2',
  keyId: 'treasury-evm',
  purpose: Purpose.PAYOUT,
  payouts: [{ payoutId: 'po_2', destination: BOB.toLowerCase(), asset: 'eip155:31337/slip44:60', amount: '15' }],
  transaction: { case: 'evm', value: { unsignedTransaction: unsigned, lowestOpenNonce: 2n } },
};
const payout = { payoutId: 'po_1', destination: ANN, asset: 'stellar:standalone/slip44:148', amount: '15' };

const many = Array.from({ length: 100 }, (_, i) => ({ ...payout, payoutId: `po_${i}` }));

const run = (request: Request) => decode(keys, create(SignTransactionRequestSchema, request));

describe('decode', () => {
  test('reads a Stellar request, and the lane from its bytes', () => {
    const proposal = run(stellarRequest);
    expect(proposal).toMatchObject({
      requestId: 'at_1',
      purpose: 'payout',
      key: { id: 'treasury-stellar', address: TREASURY },
      payouts: [{ payoutId: 'po_1', destination: ANN, amount: 15n }],
      transaction: { kind: 'stellar', hash, source: CHANNEL, sequence: 1030n },
    });
    expect(laneFor(proposal)).toEqual({
      id: `stellar:standalone:${CHANNEL}:1024`,
      onePayout: false,
      authorizationHash: null,
    });
  });

  test('reads an EVM request, and writes addresses in EIP-55', () => {
    const proposal = run({ ...evmRequest, purpose: Purpose.CANCEL });
    expect(proposal).toMatchObject({
      purpose: 'cancel',
      key: { id: 'treasury-evm', address: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf' },
      payouts: [{ payoutId: 'po_2', destination: BOB, amount: 15n }],
      transaction: { kind: 'evm', nonce: 4n, signingHash },
      lowestOpenNonce: 2n,
    });
    expect(laneFor(proposal)).toEqual({
      id: 'eip155:31337:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf:4',
      onePayout: true,
      authorizationHash: null,
    });
  });

  test('reads an authorization', () => {
    const value = { networkPassphrase: PASSPHRASE, entryXdr: entry };
    expect(run({ ...stellarRequest, transaction: { case: 'stellarAuthorization', value } })).toMatchObject({
      kind: 'stellar',
      requestId: 'at_1',
      purpose: 'payout',
      unsigned: entry,
      networkPassphrase: PASSPHRASE,
      key: { id: 'treasury-stellar', address: TREASURY },
      transaction: { kind: 'stellar-authorization', hash: entryHash, transfer: { destination: ANN, amount: 15n } },
    });
  });

  test('reads as much as a request may hold: 99 payouts, 78 digits, 28 bytes of memo, 16 approvals', () => {
    const memo = { kind: { case: 'text' as const, value: 'é'.repeat(14) } };
    const approvals = Array.from({ length: 16 }, (_, i) => ({
      expiresAt: BigInt(i + 1),
      signature: new Uint8Array([i]),
    }));
    const payouts = many.slice(1).map((each) => ({ ...each, amount: '9'.repeat(78), memo, approvals }));
    const read = run({ ...stellarRequest, payouts }).payouts;
    expect(read).toHaveLength(99);
    expect(read[98]).toEqual({
      payoutId: 'po_99',
      destination: ANN,
      asset: payout.asset,
      amount: 10n ** 78n - 1n,
      memo: { type: 'text', value: 'é'.repeat(14) },
      approvals,
    });
  });

  const bytes32 = new Uint8Array(32).fill(7);
  test.each<[MessageInitShape<typeof SignTransactionRequestSchema>['payouts'], object]>([
    [[{ ...payout, memo: { kind: { case: 'text', value: 'hi' } } }], { type: 'text', value: 'hi' }],
    [[{ ...payout, memo: { kind: { case: 'id', value: 7n } } }], { type: 'id', value: 7n }],
    [[{ ...payout, memo: { kind: { case: 'hash', value: bytes32 } } }], { type: 'hash', value: bytes32 }],
    [[{ ...payout, memo: { kind: { case: 'returnHash', value: bytes32 } } }], { type: 'return', value: bytes32 }],
  ])('reads the memo %j', (payouts, memo) => {
    expect(run({ ...stellarRequest, payouts: payouts ?? [] }).payouts[0]?.memo).toEqual(memo);
  });

  const approval = { expiresAt: 1n, signature: new Uint8Array([1]) };
  const approvedBy = (approvals: (typeof approval)[]) => ({ ...stellarRequest, payouts: [{ ...payout, approvals }] });
  test.each<[string, Request, string, string]>([
    ['an empty request id', { ...stellarRequest, requestId: '' }, 'INVALID_REQUEST', 'request_id'],
    ['a request id with a line break', { ...stellarRequest, requestId: 'a\nb' }, 'INVALID_REQUEST', 'request_id'],
    ['a long request id', { ...stellarRequest, requestId: 'a'.repeat(65) }, 'INVALID_REQUEST', 'request_id'],
    ['an unknown key', { ...stellarRequest, keyId: 'other' }, 'KEY_NOT_FOUND', 'key_id'],
    ['a key id that is none', { ...stellarRequest, keyId: '../x' }, 'INVALID_REQUEST', 'key_id'],
    ['no purpose', { ...stellarRequest, purpose: Purpose.UNSPECIFIED }, 'INVALID_REQUEST', 'purpose'],
    ['an unknown purpose', { ...stellarRequest, purpose: 9 as Purpose }, 'INVALID_REQUEST', 'purpose'],
    ['no transaction', { ...stellarRequest, transaction: { case: undefined } }, 'INVALID_REQUEST', 'transaction'],
    ['a key of the other curve', { ...stellarRequest, keyId: 'treasury-evm' }, 'INVALID_REQUEST', 'key_id'],
    ['a key of the other curve on EVM', { ...evmRequest, keyId: 'treasury-stellar' }, 'INVALID_REQUEST', 'key_id'],
    ['a hundred payouts', { ...stellarRequest, payouts: many }, 'INVALID_REQUEST', 'payouts'],
    ['a payout id twice', { ...stellarRequest, payouts: [payout, payout] }, 'INVALID_REQUEST', 'payouts[1].payout_id'],
    [
      'a bad payout id',
      { ...stellarRequest, payouts: [{ ...payout, payoutId: 'ä' }] },
      'INVALID_REQUEST',
      'payouts[0].payout_id',
    ],
    [
      'a bad destination',
      { ...stellarRequest, payouts: [{ ...payout, destination: BOB }] },
      'INVALID_REQUEST',
      'payouts[0].destination',
    ],
    [
      'an unknown asset',
      { ...stellarRequest, payouts: [{ ...payout, asset: 'gold' }] },
      'INVALID_REQUEST',
      'payouts[0].asset',
    ],
    [
      'an amount of zero',
      { ...stellarRequest, payouts: [{ ...payout, amount: '0' }] },
      'INVALID_REQUEST',
      'payouts[0].amount',
    ],
    [
      'an amount with a point',
      { ...stellarRequest, payouts: [{ ...payout, amount: '1.5' }] },
      'INVALID_REQUEST',
      'payouts[0].amount',
    ],
    [
      'a negative amount',
      { ...stellarRequest, payouts: [{ ...payout, amount: '-1' }] },
      'INVALID_REQUEST',
      'payouts[0].amount',
    ],
    [
      'an amount of 79 digits',
      { ...stellarRequest, payouts: [{ ...payout, amount: '1'.repeat(79) }] },
      'INVALID_REQUEST',
      'payouts[0].amount',
    ],
    [
      'seventeen approvals',
      approvedBy(Array.from({ length: 17 }, () => approval)),
      'INVALID_REQUEST',
      'payouts[0].approvals',
    ],
    [
      'an approval that never counted',
      approvedBy([approval, { ...approval, expiresAt: 0n }]),
      'INVALID_REQUEST',
      'payouts[0].approvals[1].expires_at',
    ],
    ['an empty memo', { ...stellarRequest, payouts: [{ ...payout, memo: {} }] }, 'INVALID_REQUEST', 'payouts[0].memo'],
    [
      'a text memo of 29 bytes',
      { ...stellarRequest, payouts: [{ ...payout, memo: { kind: { case: 'text', value: `${'é'.repeat(14)}x` } } }] },
      'INVALID_REQUEST',
      'payouts[0].memo',
    ],
    [
      'a text memo with a NUL',
      { ...stellarRequest, payouts: [{ ...payout, memo: { kind: { case: 'text', value: 'a\0b' } } }] },
      'INVALID_REQUEST',
      'payouts[0].memo',
    ],
    [
      'a short hash memo',
      { ...stellarRequest, payouts: [{ ...payout, memo: { kind: { case: 'hash', value: new Uint8Array(31) } } }] },
      'INVALID_REQUEST',
      'payouts[0].memo',
    ],
    [
      'an endless nonce',
      {
        ...evmRequest,
        transaction: { case: 'evm', value: { unsignedTransaction: unsigned, lowestOpenNonce: 2n ** 64n - 1n } },
      },
      'INVALID_REQUEST',
      'evm.lowest_open_nonce',
    ],
  ])('refuses %s, naming the field', (_, request, code, field) => {
    const reasons = code === 'KEY_NOT_FOUND' ? [] : [expect.objectContaining({ field })];
    expect(() => run(request)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`${field}: `), reasons }),
    );
  });

  test.each<[string, Request]>([
    [
      'Stellar',
      {
        ...stellarRequest,
        transaction: { case: 'stellar', value: { networkPassphrase: PASSPHRASE, envelopeXdr: envelope.subarray(1) } },
      },
    ],
    ['EVM', { ...evmRequest, transaction: { case: 'evm', value: { unsignedTransaction: unsigned.subarray(1) } } }],
  ])('says what is wrong with the bytes of a malformed %s transaction', (_, request) => {
    expect(() => run(request)).toThrow(
      expect.objectContaining({
        code: 'TRANSACTION_MALFORMED',
        reasons: [{ code: expect.stringMatching(/^[A-Z_]+$/), field: expect.any(String), message: expect.any(String) }],
      }),
    );
  });
});
