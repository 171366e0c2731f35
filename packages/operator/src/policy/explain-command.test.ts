import type { AssetId } from '@countersign/chains/caip';
import { buildEvmTransfer, type EvmTransfer } from '@countersign/chains/evm/build';
import { buildAuthorization, buildStellarPayout, type StellarPayout } from '@countersign/chains/stellar/build';
import { assetContract } from '@countersign/chains/stellar/contract';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import { afterAll, describe, expect, test } from '@jest/globals';
import { keys, keysFile, policyFile, policyFolder, recipients, STELLAR_ASSETS } from '../../testing/policy-files.ts';
import { type Ran, run } from '../../testing/run.ts';

const files = policyFolder();
afterAll(files.remove);
const policy = files.write('policy.yaml', policyFile());
const registry = files.write('keys.yaml', keysFile());

const PASSPHRASE = 'Standalone Network ; February 2017';
const { xlm, usdc } = STELLAR_ASSETS;
const CALLER = 'spiffe://countersign.dev/api';
const [first = '', second = ''] = recipients.stellar;
const [contract = ''] = recipients.contracts;
const [evmRecipient = ''] = recipients.evm;
const channel = keys.channels[0]?.publicKey() ?? '';
const soon = BigInt(Math.floor(Date.now() / 1000) + 120);

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const paying = (destination: string, amount = 25_000_000n, asset: AssetId = xlm) => [
  { destination, asset, amount, createAccount: false },
];
const envelope = (change: Partial<StellarPayout> = {}) =>
  base64(
    buildStellarPayout({
      networkPassphrase: PASSPHRASE,
      channel,
      treasury: keys.stellar.address,
      sequence: 1n,
      fee: 10_000n,
      maxTime: soon,
      payments: paying(first),
      ...change,
    }).envelope,
  );
const evm = (change: Partial<EvmTransfer> = {}) => {
  const { unsigned } = buildEvmTransfer({
    chainId: 31337n,
    nonce: 7n,
    to: evmRecipient,
    amount: 10n ** 18n,
    gasLimit: 21_000n,
    maxFeePerGas: 100_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    ...change,
  });
  return `0x${Buffer.from(unsigned).toString('hex')}`;
};
const authorization = (change: object = {}) =>
  base64(
    buildAuthorization({
      networkPassphrase: PASSPHRASE,
      account: keys.stellar.address,
      contract: assetContract(PASSPHRASE, usdc),
      destination: contract,
      amount: 40n,
      nonce: authorizationNonce('po_1'),
      expirationLedger: 500,
      ...change,
    }).entry,
  );

type Options = Readonly<Record<string, string>>;
function explain(options: Options): Promise<Ran> {
  const given = { policy, keys: registry, caller: CALLER, purpose: 'payout', ...options };
  return run('policy', 'explain', ...Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]));
}
const explainStellar = (tx: string, options: Options = {}) =>
  explain({ key: 'treasury-stellar', network: PASSPHRASE, tx, ...options });
const explainEvm = (tx: string, options: Options = {}) => explain({ key: 'treasury-evm', tx, ...options });
const explainRequest = (request: object, options: Options = {}) =>
  explain({ key: 'treasury-stellar', request: files.write('request.json', request), ...options });
/** What the answer is, and the codes behind it. */
const verdict = ({ code, out }: Ran) => [
  code,
  ...[...out.matchAll(/^ {2}([A-Z][A-Z_]+) /gm)].map(([, found]) => found),
];

describe('policy explain, of a Stellar transaction', () => {
  test('says all that it does, and that it is allowed', async () => {
    const tx = envelope({
      memo: { type: 'text', value: 'rent' },
      payments: [...paying(first), ...paying(first, 1n, usdc)],
    });
    const { code, out, err } = await explainStellar(tx);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const end = new Date(Number(soon) * 1000).toISOString().replace('.000Z', 'Z');
    expect(out.split('\n').slice(1)).toEqual([
      `  spends the sequence number 1 of ${channel}, for a fee of up to 0.001 lumens`,
      `  is valid until ${end}`,
      '  memo: "text:rent"',
      `  operations[0] pays 2.5 of ${xlm} from ${keys.stellar.address} to ${first}`,
      `  operations[1] pays 0.0000001 of ${usdc} from ${keys.stellar.address} to ${first}`,
      `  operations[2] moves the sequence number of ${channel} to 1024, which closes its lane`,
      '',
      'allowed; limits over time are counted by the signer alone, from what it has signed',
      '',
    ]);
  });

  test('lists every rule that it violates', async () => {
    const { address } = keys.stellar;
    const ran = await explainStellar(
      envelope({ channel: address, fee: 10_000_000n, payments: paying(evmless(), 20_000_000_000n) }),
    );
    expect(verdict(ran)).toEqual([
      1,
      'DESTINATION_NOT_ALLOWED',
      'AMOUNT_ABOVE_LIMIT',
      'CHANNEL_NOT_ALLOWED',
      'FEE_ABOVE_LIMIT',
    ]);
    expect(ran.out).toContain('  AMOUNT_ABOVE_LIMIT payouts[0].amount: expected at most 1000, got 2000\n');
  });

  test.each([
    ['a caller whom nothing allows', { caller: 'spiffe://countersign.dev/other' }, {}, ['CALLER_NOT_ALLOWED']],
    [
      'a memo that its destination may not have',
      {},
      { payments: paying(second), memo: { type: 'id', value: 1n } },
      ['MEMO_NOT_ALLOWED'],
    ],
    ['our own account', {}, { payments: paying(channel) }, ['DESTINATION_IS_OWN', 'DESTINATION_NOT_ALLOWED']],
    ['another network', { network: 'Test SDF Network ; September 2015' }, {}, ['NETWORK_NOT_ALLOWED']],
    ['a cancel, which Stellar has none of', { purpose: 'cancel' }, {}, ['CANCEL_NOT_SUPPORTED', 'CALLER_NOT_ALLOWED']],
  ] as const)('denies %s', async (_, options, change, codes) => {
    expect(verdict(await explainStellar(envelope(change), options))).toEqual([1, ...codes]);
  });

  test('decides as at the time that it is given', async () => {
    const tx = envelope();
    const later = new Date((Number(soon) + 1) * 1000).toISOString();
    expect(verdict(await explainStellar(tx, { at: later }))).toEqual([1, 'TRANSACTION_EXPIRED']);
    const before = new Date((Number(soon) - 301) * 1000).toISOString();
    expect(verdict(await explainStellar(tx, { at: before }))).toEqual([1, 'LIFETIME_ABOVE_LIMIT']);
  });

  test('shows what the signer would not even decode', async () => {
    const { code, out } = await explainStellar('AAAA');
    expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('not decoded: the signer refuses it') });
    expect(out).toContain('  MALFORMED_TRANSACTION transaction: ');
  });

  test('tells of a lane that stays open', async () => {
    // The closing operation's number is the last of the envelope: 1024 becomes 1025.
    const bytes = Buffer.from(envelope(), 'base64');
    const at = bytes.lastIndexOf(Buffer.of(0x04, 0x00));
    bytes[at + 1] = 1;
    const ran = await explainStellar(base64(bytes));
    expect(verdict(ran)).toEqual([1, 'LANE_NOT_CLOSED']);
    expect(ran.out).toMatch(/to 1025$/m);
  });
});

/** An account that no policy lists. */
function evmless(): string {
  return keys.admin.publicKey();
}

describe('policy explain, of an EVM transaction', () => {
  test('says what it does, and that it is allowed', async () => {
    const { code, out } = await explainEvm(evm());
    expect(code).toBe(0);
    expect(out).toContain('a transaction on eip155:31337 with nonce 7, signing hash ');
    expect(out).toContain(`  pays 1 of eip155:31337/slip44:60 to ${evmRecipient}\n`);
    expect(out).toContain(
      '  for a fee of up to 0.0021 ether (21000 gas at 100000000000 wei, 1000000000 of them as a tip)',
    );
  });

  test('lists every rule that it violates', async () => {
    const tx = evm({ to: keys.evm.address, amount: 11n * 10n ** 18n, gasLimit: 200_000n, maxFeePerGas: 10n ** 12n });
    expect(verdict(await explainEvm(tx))).toEqual([
      1,
      'DESTINATION_IS_OWN',
      'DESTINATION_NOT_ALLOWED',
      'AMOUNT_ABOVE_LIMIT',
      'GAS_LIMIT_ABOVE_LIMIT',
      'FEE_CAP_ABOVE_LIMIT',
    ]);
  });

  test('shows the amount of a token that no policy lists in its smallest units', async () => {
    const ran = await explainEvm(evm({ token: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', amount: 5n }));
    expect(verdict(ran)).toEqual([1, 'ASSET_NOT_ALLOWED']);
    expect(ran.out).toContain('pays 5 smallest units of eip155:31337/erc20:0xA0b8');
  });

  test('allows a cancel that pays nobody, and no other', async () => {
    const nothing = evm({ to: keys.evm.address, amount: 0n });
    expect(verdict(await explainEvm(nothing, { purpose: 'cancel' }))).toEqual([0]);
    expect(verdict(await explainEvm(evm(), { purpose: 'cancel' }))).toEqual([1, 'CANCEL_NOT_TO_SELF']);
    const one = evm({ to: keys.evm.address, amount: 1n });
    expect(verdict(await explainEvm(one, { purpose: 'cancel' }))).toEqual([1, 'CANCEL_WITH_VALUE']);
    expect(verdict(await explainEvm(evm({ amount: 0n })))).toEqual([1, 'NO_PAYOUTS']);
  });

  test('denies it to a key of Stellar, and to one without a policy', async () => {
    expect(verdict(await explainEvm(evm(), { key: 'treasury-stellar' }))).toEqual([1, 'NETWORK_NOT_ALLOWED']);
    const { 'treasury-stellar': only } = policyFile().keys;
    const other = files.write('other.yaml', { ...policyFile(), keys: { 'treasury-stellar': only } });
    expect(verdict(await explainEvm(evm(), { policy: other }))).toEqual([1, 'NO_POLICY']);
  });
});

describe('policy explain, of a Soroban authorization', () => {
  const explainAuthorization = (entry: string) =>
    explain({ key: 'treasury-stellar', network: PASSPHRASE, authorization: entry });

  test('says what it does, and that it is allowed', async () => {
    const { code, out } = await explainAuthorization(authorization());
    expect(code).toBe(0);
    expect(out).toContain(`  lets the contract ${assetContract(PASSPHRASE, usdc)} move 0.000004 of ${usdc} from `);
    expect(out).toContain(
      `${keys.stellar.address} to ${contract}\n  once (nonce ${authorizationNonce('po_1')}), until ledger 500`,
    );
  });

  test('denies the contract of no listed asset, and a far-off end', async () => {
    const ran = await explainAuthorization(
      authorization({ contract, destination: first, expirationLedger: 4_000_000_000 }),
    );
    expect(verdict(ran)).toEqual([1, 'CONTRACT_NOT_ALLOWED', 'AUTHORIZATION_LIFETIME_ABOVE_LIMIT']);
    expect(ran.out).toContain(`the contract ${contract} move 40 smallest units of a token`);
  });

  test('denies a nonce that does not follow from the declared payout', async () => {
    const payout = { payout_id: 'po_1', destination: contract, asset: usdc, amount: '40' };
    const request = { network_passphrase: PASSPHRASE, authorization: authorization(), payouts: [payout] };
    expect(verdict(await explainRequest(request))).toEqual([0]);
    const other = { ...request, payouts: [{ ...payout, payout_id: 'po_2' }] };
    expect(verdict(await explainRequest(other))).toEqual([1, 'NONCE_NOT_DERIVED']);
  });
});

describe('policy explain, of declared payouts', () => {
  const payout = { payout_id: 'po_1', destination: first, asset: xlm, amount: '25000000' };
  const request = { network_passphrase: PASSPHRASE, transaction: envelope(), payouts: [payout] };

  test('allows exactly what the transaction pays', async () => {
    expect(verdict(await explainRequest(request))).toEqual([0]);
    const memo = { ...request, transaction: envelope({ memo: { type: 'id', value: 7n } }) };
    expect(verdict(await explainRequest({ ...memo, payouts: [{ ...payout, memo: 'id:7' }] }))).toEqual([0]);
  });

  test('reads destination and asset as the signer does, into their one form', async () => {
    const token = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
    const declared = { payout_id: 'po_1', destination: evmRecipient.toLowerCase() };
    const native = { ...declared, asset: 'eip155:31337/slip44:60', amount: `${10n ** 18n}` };
    const options = { key: 'treasury-evm' };
    expect(verdict(await explainRequest({ transaction: evm(), payouts: [native] }, options))).toEqual([0]);
    const ofToken = { ...declared, asset: `eip155:31337/erc20:${token.toLowerCase()}`, amount: '5' };
    const paid = { transaction: evm({ token, amount: 5n }), payouts: [ofToken] };
    expect(verdict(await explainRequest(paid, options))).toEqual([1, 'ASSET_NOT_ALLOWED']);
  });

  test.each([
    ['another amount', [{ ...payout, amount: '1' }]],
    ['another destination', [{ ...payout, destination: second }]],
    ['a memo', [{ ...payout, memo: 'id:7' }]],
    ['a memo with letters that a terminal would obey', [{ ...payout, memo: 'text:\u001b[2J' }]],
  ])('denies %s, with what was declared', async (_, payouts) => {
    const ran = await explainRequest({ ...request, payouts });
    expect(verdict(ran)[1]).toBe('PAYOUT_NOT_PAID');
    expect(ran.out).toMatch(/payouts\[0\]: the transaction has no transfer [ -~]+\n/);
  });

  test('denies what is paid beside them', async () => {
    const both = envelope({ payments: [...paying(first), ...paying(second, 7n)] });
    const ran = await explainRequest({ ...request, transaction: both });
    expect(verdict(ran)).toEqual([1, 'TRANSFER_NOT_DECLARED']);
    expect(ran.out).toContain(`also pays 7 of ${xlm} to ${second}, which is not declared`);
  });

  test('denies what is declared twice and paid once', async () => {
    const payouts = [payout, { ...payout, payout_id: 'po_2' }];
    expect(verdict(await explainRequest({ ...request, payouts }))).toEqual([1, 'PAYOUT_NOT_PAID']);
  });

  test('counts who approved', async () => {
    const { stellar } = policyFile().keys['treasury-stellar'];
    const [alice, bob] = [createSshSigner('alice').publicKey, createSshSigner('bob').publicKey];
    const approvals = {
      threshold: 2,
      approvers: { alice, bob },
      unlisted_destinations: false,
      max_lifetime_seconds: 60,
    };
    const assets = { ...stellar.assets, [xlm]: { max_per_payout: '1000', approval_above: '1' } };
    const document = policyFile();
    const key = { ...document.keys['treasury-stellar'], approvals, stellar: { ...stellar, assets } };
    const file = files.write('approvals.yaml', { ...document, keys: { ...document.keys, 'treasury-stellar': key } });
    const approved = (...names: readonly string[]) =>
      explainRequest({ ...request, payouts: [{ ...payout, approved_by: names }] }, { policy: file });
    expect(verdict(await approved('alice'))).toEqual([1, 'APPROVAL_REQUIRED']);
    expect(verdict(await approved('alice', 'mallory'))).toEqual([1, 'APPROVAL_REQUIRED']);
    expect(verdict(await approved('alice', 'bob'))).toEqual([0]);
    const options = { policy: file, 'approved-by': 'alice,bob' };
    expect(verdict(await explainStellar(envelope(), options))).toEqual([0]);
  });

  test.each([
    ['an unknown word', { ...request, colour: 'red' }, /request\.json:\d+: colour: unknown word/],
    ['neither transaction nor authorization', { payouts: [payout] }, /expected `transaction` or `authorization`/],
    [
      'an amount with a point',
      { ...request, payouts: [{ ...payout, amount: '2.5' }] },
      /amount: expected a decimal integer/,
    ],
    [
      'an asset that is none',
      { ...request, payouts: [{ ...payout, asset: 'XLM' }] },
      /payouts\.0\.asset: asset: expected/,
    ],
    [
      'a destination that is none',
      { ...request, payouts: [{ ...payout, destination: 'Mxyz' }] },
      /request\.json:\d+: payouts\.0\.destination: destination: expected/,
    ],
    [
      'a destination of another chain',
      { ...request, payouts: [{ ...payout, destination: evmRecipient }] },
      /payouts\.0\.destination: destination: expected/,
    ],
    [
      'a payout id that is none',
      { ...request, payouts: [{ ...payout, payout_id: 'rent 42' }] },
      /payouts\.0\.payout_id: expected 1–64 characters/,
    ],
    [
      'a payout id twice',
      { ...request, payouts: [payout, { ...payout, destination: second }] },
      /request\.json:\d+: payouts\.1\.payout_id: expected an id only once/,
    ],
    ['a memo of no kind', { ...request, payouts: [{ ...payout, memo: 'rent' }] }, /memo: expected text:/],
  ])('cannot answer for a file with %s', async (_, file, message) => {
    const { code, err } = await explainRequest(file);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
  });
});

describe('policy explain', () => {
  test.each([
    ['nothing to explain', { key: 'treasury-stellar' }, 'expected one of --request, --tx and --authorization'],
    ['two things', { key: 'treasury-evm', tx: evm(), authorization: 'AAAA' }, 'expected one of'],
    ['no network', { key: 'treasury-stellar', tx: envelope() }, 'needs the passphrase of its network'],
    ['text that is no transaction', { key: 'treasury-evm', tx: '0xabc' }, 'transaction: expected base64'],
    [
      'hex as an authorization',
      { key: 'treasury-stellar', network: PASSPHRASE, authorization: evm() },
      'authorization: expected',
    ],
    ['a key that is not registered', { key: 'other', tx: evm() }, '--key: KEYS_FILE has no other'],
    ['another purpose', { key: 'treasury-evm', tx: evm(), purpose: 'sweep' }, '--purpose: expected payout or cancel'],
    ['a time without a zone', { key: 'treasury-evm', tx: evm(), at: '2026-11-21' }, '--at: expected a time in UTC'],
    [
      'a network beside a request',
      { key: 'treasury-evm', request: policy, network: PASSPHRASE },
      '--network and --approved-by',
    ],
  ])('is told how it is used by %s', async (_, options, message) => {
    const { code, err } = await explain(options);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
    expect(err).toContain('usage: signerctl policy explain --policy FILE');
  });

  test('cannot answer by a policy that the signer refuses', async () => {
    const bad = files.write('bad.yaml', { ...policyFile(), colour: 'red' });
    const { code, err } = await explainEvm(evm(), { policy: bad });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/bad\.yaml:\d+: colour: unknown word/) });
  });
});
