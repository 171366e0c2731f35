import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { type ChainHead, link } from '@countersign/audit/chain';
import { eventLine } from '@countersign/audit/line';
import { ApprovalSchema } from '@countersign/contract/signer';
import { assetsOf } from '@countersign/dev/assets';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import { signerctl } from '@countersign/operator/signerctl';
import { createPool } from '@countersign/runtime/postgres';
import { APPROVAL_NAMESPACE, approvalStatement } from '@countersign/sshsig/approval';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import { eventsOf } from '../harness/audit.ts';
import { refusalOf } from '../harness/refusals.ts';
import { cancelRequest, evmRequest, stellarRequest, XLM } from '../harness/requests.ts';
import { openSignerWorld, type SignerWorld } from '../harness/signers.ts';
import { authorizationRequest, invocationRequest } from '../harness/soroban-requests.ts';
import { until } from '../harness/until.ts';

let world: SignerWorld;
let publicKeyFile: string;
let checkpointKey: { AUDIT_CHECKPOINT_KEY_FILE: string };

beforeAll(async () => {
  world = await openSignerWorld();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const file = join(world.dir, 'checkpoint.key');
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  publicKeyFile = join(world.dir, 'checkpoint.pub');
  await writeFile(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  checkpointKey = { AUDIT_CHECKPOINT_KEY_FILE: file };
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const logOf = (name: string): string => join(world.dir, `${name}.jsonl`);
const start = (name: string, env: Record<string, string> = {}) =>
  world.start({ name, env: { ...checkpointKey, AUDIT_FILE: logOf(name), ...env } });

async function audit(...args: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const write = (text: string) => {
    out += text;
  };
  const code = await signerctl(['audit', ...args], { env: {}, out: write, err: write });
  return { code, out };
}

test('what two replicas have signed, and refused, is found again by another decoder, payout by payout', async () => {
  const [one, two] = [await start('one'), await start('two')];
  const memo = { type: 'text', value: 'a\\b é' } as const;
  const { evmUsdc } = assetsOf(world.keys);
  const token = evmUsdc.split(':').at(-1) ?? '';
  const tokenPayout = evmRequest(world, { id: 'po_5' }, { nonce: 1n, token, gasLimit: 100_000n });
  const authorization = await one.client.signTransaction(authorizationRequest(world, { id: 'po_4' }));
  const signed = [
    stellarRequest(world, [{ id: 'po_1' }, { id: 'po_2', amount: 7n }], { sequence: 1_025n, memo }),
    evmRequest(world, { id: 'po_3' }),
    invocationRequest(world, { id: 'po_4' }, authorization.signedTransaction, { sequence: 2_049n }),
    { ...tokenPayout, payouts: tokenPayout.payouts.map((payout) => ({ ...payout, asset: evmUsdc })) },
    cancelRequest(world, 2n),
  ];
  for (const request of signed) expect(await refusalOf(two.client.signTransaction(request))).toBe('signed');
  expect(await refusalOf(one.client.signTransaction(evmRequest(world, { id: 'po_6', amount: 10n ** 30n })))).toMatch(
    /^POLICY_DENIED/,
  );
  await one.signer[Symbol.asyncDispose]();
  await two.signer[Symbol.asyncDispose]();

  const verified = await audit('verify', logOf('one'), logOf('two'), '--checkpoint-key', publicKeyFile);
  expect(verified.out).toMatch(/^intact\n/);
  expect(verified.out).toMatch(/transactions: 6 decoded anew\n/);
  expect(verified.code).toBe(0);

  const [sign] = world.kms.events().filter(({ eventName }) => eventName === 'Sign');
  const joined = await audit('search', logOf('one'), logOf('two'), '--json', '--kms-request', sign?.requestID ?? '');
  expect(JSON.parse(joined.out)).toMatchObject({
    event: { eventName: 'SignTransaction', requestID: expect.stringMatching(/^au_/) },
  });
  expect((await audit('search', logOf('one'), '--denied')).out).toContain('POLICY_DENIED');
});

test('a key that signs for an account of another name, as after a rotation on Stellar, leaves an intact log, with who approved what', async () => {
  const account = Keypair.random().publicKey();
  const [alice, bob] = [createSshSigner('alice'), createSshSigner('bob')];
  await using rotated = await openSignerWorld({
    policy: ({ keys, ...policy }) => {
      const { 'treasury-stellar': key } = keys;
      const assets = { ...key.stellar.assets, [XLM]: { max_per_payout: '1000', approval_above: '1' } };
      const approvals = {
        threshold: 1,
        approvers: { alice: alice.publicKey, bob: bob.publicKey },
        unlisted_destinations: false,
        max_lifetime_seconds: 3600,
      };
      const changed = { ...key, approvals, stellar: { ...key.stellar, account, assets } };
      return { ...policy, keys: { ...keys, 'treasury-stellar': changed } };
    },
  });
  const file = join(rotated.dir, 'rotated.jsonl');
  const { client, signer } = await rotated.start({ env: { AUDIT_FILE: file } });
  const payments = stellarRequest(rotated, [{ id: 'po_1' }, { id: 'po_2', amount: 10_000_001n }], {
    treasury: account,
  });
  const [, above] = payments.payouts;
  if (above === undefined) throw new Error('expected two payouts');
  const expiresAt = BigInt(Math.floor(Date.now() / 1000) + 600);
  const { payoutId, destination, asset } = above;
  const network = XLM.replace(/\/.*/, '');
  const payer = { keyId: payments.keyId, account, network };
  const terms = { ...payer, payoutId, destination, asset, amount: 10_000_001n, expiresAt };
  const signature = bob.sign(APPROVAL_NAMESPACE, approvalStatement(terms));
  above.approvals = [create(ApprovalSchema, { expiresAt, signature })];
  const authorization = authorizationRequest(rotated, { id: 'po_3' }, { account });
  for (const request of [payments, authorization])
    expect(await refusalOf(client.signTransaction(request))).toBe('signed');
  const [intent] = await eventsOf(rotated, payments.requestId);
  expect(intent?.event.requestParameters).toMatchObject({
    account,
    payouts: [expect.not.objectContaining({ approvers: expect.anything() }), { payoutId, approvers: ['bob'] }],
  });
  await signer[Symbol.asyncDispose]();
  const { out } = await audit('verify', file);
  expect(out).toMatch(/^intact\n/);
  expect(out).toMatch(/transactions: 2 decoded anew\n/);
});

test('a signer that lies about what it signs is found, although its chain is whole', async () => {
  const honest = (await readFile(logOf('two'), 'utf8')).split('\n').filter((line) => line.startsWith('{"chain":'));
  let head: ChainHead | undefined;
  const lies = honest.map((line) => {
    // One amount in the first transaction; in the bytes it is another.
    const { chain, event } = JSON.parse(line.replace('"amount": "7"', '"amount": "8"'));
    const next = link(chain, head, event);
    head = next;
    return eventLine({ chain, ...next, event: JSON.stringify(event) });
  });
  await writeFile(logOf('liar'), lies.join(''));
  const { out, code } = await audit('verify', logOf('liar'));
  expect(out).toMatch(
    /chain two, event \d+: payouts: the event says .*8 of stellar:.*, the transaction .*7 of stellar:/,
  );
  expect(code).toBe(1);
});

test('a database that was restored from a backup is refused, until the right one is there', async () => {
  const admin = createPool({ url: world.postgres.adminUrl, max: 1 });
  const first = await start('restored');
  await first.signer[Symbol.asyncDispose]();
  await admin.query('create database backup template signer owner signer');
  const second = await start('restored');
  const request = stellarRequest(world, [{ id: 'po_8' }], { sequence: 4_097n });
  expect(await refusalOf(second.client.signTransaction(request))).toBe('signed');
  await second.signer[Symbol.asyncDispose]();

  const backup = new URL(world.postgres.urls.signer);
  backup.pathname = '/backup';
  await expect(start('restored', { DATABASE_URL: backup.href })).rejects.toThrow(
    /^DATABASE_URL: the database is behind what AUDIT_FILE says .* chain restored had come to event \d+, says checkpoint \d+; here it ends at \d+;/,
  );
  const third = await start('restored');
  await third.signer[Symbol.asyncDispose]();
  await admin.query('drop database backup');
  await admin.end();
});

test('a sink that is full stops signing before anything is reserved, and readiness with it', async () => {
  const { client, signer } = await start('full', { AUDIT_FILE: '/dev/full', AUDIT_MAX_LAG_EVENTS: '1' });
  const request = stellarRequest(world, [{ id: 'po_9' }], { sequence: 5_121n });
  await client.listKeys({});
  expect(await refusalOf(client.signTransaction(request))).toBe('AUDIT_BEHIND');
  await until('it is not ready', async () => {
    const response = await fetch(`http://127.0.0.1:${signer.metricsPort}/readyz`);
    return response.status === 503;
  });
  const metrics = await (await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`)).text();
  expect(metrics).toMatch(/countersign_audit_export_failures_total\{sink="file"\} [1-9]/);
  await signer[Symbol.asyncDispose]();
  const other = await start('other');
  expect(await refusalOf(other.client.signTransaction(request))).toBe('signed');
});
