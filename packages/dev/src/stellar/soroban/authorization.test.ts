import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  SorobanAuthorizationEntry,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
  SorobanResources,
  SorobanTransactionData,
} from '@stellar/stellar-sdk/xdr';
import { contractDataKey, ttlHash } from '../ledger/contract-entries.ts';
import {
  bySource,
  callEnvelope,
  invocation,
  type Signing,
  SOME_CONTRACT,
  signedEntry,
  simulatedData,
  simulateTransfer,
  type Transfer,
  transferArgs,
} from '../testing/contract-calls.ts';
import { createHarness, LUMEN, newKeys } from '../testing/harness.ts';
import { set, signer } from '../testing/operations.ts';
import { deployAssetContract } from './admin.ts';
import { noncePlace } from './authorization.ts';

const TRAPPED = { result: { tx_failed: [{ op_inner: { invoke_host_function: 'trapped' } }] } };
const SUCCESS = { result: { tx_success: [{ op_inner: { invoke_host_function: { success: expect.any(String) } } }] } };

/** A treasury that lets a channel send lumens for it. */
function treasury() {
  const harness = createHarness();
  const [channel, keys, payee] = [harness.fund(100n * LUMEN), harness.fund(100n * LUMEN), harness.fund(100n * LUMEN)];
  const contract = deployAssetContract(harness.ledger, 'native');
  const transfer = { contract, from: keys.publicKey(), to: payee.publicKey(), amount: LUMEN };
  const signing = (own: Partial<Signing> = {}): Signing => ({
    signers: [keys],
    nonce: 5n,
    until: harness.ledger.latest().sequence + 100,
    ...own,
  });
  const error = (auth: readonly SorobanAuthorizationEntry[], of: Transfer = transfer) => {
    const simulation = simulateTransfer(harness, of, channel, auth);
    return simulation.error;
  };
  const envelope = (auth: readonly SorobanAuthorizationEntry[], needed = auth) =>
    callEnvelope(harness, {
      source: channel,
      operations: [invocation(transferArgs(transfer), auth)],
      data: simulatedData(simulateTransfer(harness, transfer, channel, needed)),
    });
  const live = (nonce: bigint) =>
    harness.ledger.scratch().ttl(ttlHash(contractDataKey(noncePlace(keys.publicKey(), nonce))))?.liveUntil;
  return { harness, channel, keys, payee, contract, transfer, signing, error, envelope, live };
}

describe('an authorization by signature', () => {
  test('is needed', () => {
    const { error } = treasury();
    expect(error([])).toContain('HostError: Error(Auth, InvalidAction)');
    expect(error([])).toContain('Unauthorized function call for address');
  });

  test('is used up by success alone', () => {
    const { harness, envelope, transfer, signing, live, error } = treasury();
    const entry = signedEntry(transfer, signing());
    expect(live(5n)).toBeUndefined();
    expect(harness.apply(envelope([entry]))).toMatchObject(SUCCESS);
    expect(live(5n)).toBeGreaterThan(signing().until);
    expect(error([entry])).toContain('HostError: Error(Auth, ExistingValue)');
    expect(error([entry])).toContain('nonce already exists for address');
    expect(error([signedEntry(transfer, signing({ nonce: 6n }))])).toBeUndefined();
  });

  test('that was sent in a call that failed can still be used', () => {
    const { harness, channel, envelope, transfer, signing, live } = treasury();
    const entry = signedEntry(transfer, signing());
    const data = simulatedData(simulateTransfer(harness, transfer, channel, [entry]));
    const starved = { ...data.resources, instructions: 1 };
    const short = new SorobanTransactionData({ ...data, resources: new SorobanResources(starved) });
    const operations = [invocation(transferArgs(transfer), [entry])];
    expect(harness.apply(callEnvelope(harness, { source: channel, operations, data: short }))).toMatchObject({
      result: { tx_failed: [{ op_inner: { invoke_host_function: 'resource_limit_exceeded' } }] },
    });
    expect(live(5n)).toBeUndefined();
    expect(harness.apply(envelope([entry]))).toMatchObject(SUCCESS);
  });

  test('lives to the end of its last ledger, and its nonce no shorter than any temporary entry', () => {
    const { harness, transfer, signing, error, live, envelope } = treasury();
    const until = harness.ledger.latest().sequence + 2;
    const entry = signedEntry(transfer, signing({ until }));
    const prepared = envelope([entry]);
    harness.close();
    expect(harness.apply(prepared)).toMatchObject(SUCCESS);
    expect(harness.ledger.latest().sequence).toBe(until);
    expect(live(5n)).toBe(until + 17_280 - 1);
    expect(error([signedEntry(transfer, signing({ nonce: 6n, until }))])).toContain('signature has expired');
  });

  test('may not outlive every entry', () => {
    const { harness, transfer, signing, error } = treasury();
    const latest = harness.ledger.latest().sequence + 3_110_400;
    expect(error([signedEntry(transfer, signing({ until: latest }))])).toBeUndefined();
    expect(error([signedEntry(transfer, signing({ until: latest + 1 }))])).toContain(
      'signature expiration is too late',
    );
  });

  test('is for exactly what it says', () => {
    const { transfer, signing, error } = treasury();
    for (const other of [{ amount: 2n * LUMEN }, { to: SOME_CONTRACT }, { contract: SOME_CONTRACT }]) {
      expect(error([signedEntry({ ...transfer, ...other }, signing())])).toContain(
        'Unauthorized function call for address',
      );
    }
  });

  test('must be of the account, of this network, and whole', () => {
    const { keys, transfer, signing, error } = treasury();
    const stranger = newKeys();
    expect(error([signedEntry(transfer, signing({ signers: [stranger] }))])).toContain('signer does not belong');
    expect(error([signedEntry(transfer, signing({ passphrase: 'another' }))])).toContain('Error(Crypto, InvalidInput)');
    expect(error([signedEntry(transfer, signing({ signers: [] }))])).toContain('no account signatures found');
    expect(error([signedEntry(transfer, signing({ signers: [keys, keys] }))])).toContain('public keys are not ordered');
    expect(error([signedEntry(transfer, signing({ address: stranger.publicKey() }))])).toContain('Unauthorized');
  });

  test('needs the medium threshold, by signatures ascending by key', () => {
    const { harness, keys, transfer, signing, error } = treasury();
    const second = newKeys();
    harness.apply({
      source: keys,
      operations: [set({ signer: signer(second, 1), medThreshold: 2, highThreshold: 2 })],
    });
    const [low, high] = [keys, second].sort((a, b) => Buffer.compare(a.rawPublicKey(), b.rawPublicKey()));
    if (!low || !high) throw new Error('no keys');
    expect(error([signedEntry(transfer, signing())])).toContain('signature weight is lower than threshold');
    expect(error([signedEntry(transfer, signing({ signers: [high, low] }))])).toContain('public keys are not ordered');
    expect(error([signedEntry(transfer, signing({ signers: [low, high] }))])).toBeUndefined();
  });

  test('says more than is asked: what it allows beside the call is not used', () => {
    const { transfer, signing, error } = treasury();
    const entry = signedEntry(transfer, signing());
    expect(error([signedEntry({ ...transfer, amount: 9n }, signing({ nonce: 6n })), entry])).toBeUndefined();
  });

  test('for a contract account nobody can give here', () => {
    const { harness, contract, channel, payee } = treasury();
    const fund: Transfer = { contract, from: channel.publicKey(), to: SOME_CONTRACT, amount: 5n };
    const data = simulatedData(simulateTransfer(harness, fund, channel));
    const operations = [invocation(transferArgs(fund), [bySource(fund)])];
    harness.apply(callEnvelope(harness, { source: channel, operations, data }));
    const back: Transfer = { contract, from: SOME_CONTRACT, to: payee.publicKey(), amount: 5n };
    expect(simulateTransfer(harness, back, channel).error).toBeUndefined();
    const entry = signedEntry(back, { signers: [payee], nonce: 1n, until: 1000 });
    expect(simulateTransfer(harness, back, channel, [entry]).error).toContain('Error(Storage, MissingValue)');
  });
});

describe('on the ledger', () => {
  const cases: [string, (of: ReturnType<typeof treasury>) => readonly SorobanAuthorizationEntry[]][] = [
    ['no authorization', () => []],
    ['an expired one', ({ transfer, signing }) => [signedEntry(transfer, signing({ until: 1 }))]],
    ['one that ends too late', ({ transfer, signing }) => [signedEntry(transfer, signing({ until: 4_000_000 }))]],
    ['a foreign signature', ({ transfer, signing }) => [signedEntry(transfer, signing({ signers: [newKeys()] }))]],
    ['another amount', ({ transfer, signing }) => [signedEntry({ ...transfer, amount: 7n }, signing())]],
    ["the source account's own word", ({ transfer }) => [bySource(transfer)]],
  ];
  test.each(cases)('%s traps, and nothing moves', (_name, entries) => {
    const all = treasury();
    const good = signedEntry(all.transfer, all.signing());
    const before = all.harness.account(all.payee).balance;
    expect(all.harness.apply(all.envelope(entries(all), [good]))).toMatchObject(TRAPPED);
    expect(all.harness.account(all.payee).balance).toBe(before);
    expect(all.live(5n)).toBeUndefined();
  });

  test('the source account authorizes by sending, without a nonce', () => {
    const { harness, channel, contract, payee } = treasury();
    const own: Transfer = { contract, from: channel.publicKey(), to: payee.publicKey(), amount: LUMEN };
    const simulation = simulateTransfer(harness, own, channel);
    const data = simulatedData(simulation);
    expect(data.resources.footprint.readWrite.map(({ type }) => type)).toEqual(['account', 'account']);
    const operations = [invocation(transferArgs(own), [bySource(own)])];
    expect(harness.apply(callEnvelope(harness, { source: channel, operations, data }))).toMatchObject(SUCCESS);
  });

  test('credentials of later protocols are malformed', () => {
    const { harness, transfer, signing, envelope } = treasury();
    const good = signedEntry(transfer, signing());
    if (good.credentials.type !== 'sorobanCredentialsAddress') throw new Error('unexpected credentials');
    const later = new SorobanAuthorizationEntry({
      credentials: SorobanCredentials.sorobanCredentialsAddressV2(good.credentials.address),
      rootInvocation: good.rootInvocation,
    });
    expect(harness.refused(envelope([later], [good]))).toMatchObject({ result: 'tx_malformed' });
  });
});

describe('a recorded authorization', () => {
  const recorded = (source: (of: ReturnType<typeof treasury>) => Keypair) => {
    const all = treasury();
    const simulation = simulateTransfer(all.harness, all.transfer, source(all));
    if (simulation.error !== undefined) throw new Error(simulation.error);
    return { ...all, simulation };
  };

  test('is what is to be signed: of the sender, for the call, with a nonce that is in the footprint', () => {
    const { simulation, transfer } = recorded(({ channel }) => channel);
    const [entry, ...others] = simulation.authorizations;
    expect(others).toEqual([]);
    if (entry?.credentials.type !== 'sorobanCredentialsAddress') throw new Error('expected address credentials');
    const { nonce, signature, signatureExpirationLedger } = entry.credentials.address;
    expect([signature.type, signatureExpirationLedger]).toEqual(['scvVoid', 0]);
    expect(nonce).toBeGreaterThanOrEqual(0n);
    const { rootInvocation } = bySource(transfer);
    expect(entry.rootInvocation.toXdr('base64')).toBe(
      new SorobanAuthorizedInvocation({ ...rootInvocation }).toXdr('base64'),
    );
    const key = contractDataKey(noncePlace(transfer.from, nonce)).toXdr('base64');
    expect(simulation.data.resources.footprint.readWrite.map((each) => each.toXdr('base64'))).toContain(key);
  });

  test('of the source account has credentials alone', () => {
    const { simulation } = recorded(({ keys }) => keys);
    expect(simulation.authorizations.map(({ credentials }) => credentials.type)).toEqual([
      'sorobanCredentialsSourceAccount',
    ]);
  });
});
