import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { createSignerClient, type SignerClient } from '@countersign/contract/grpc';
import { SPIFFE_IDS } from '@countersign/dev/pki';
import { type Stack, startStack } from '@countersign/dev/stack';
import { createPool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { handshake } from '../harness/handshake.ts';
import { follow, order, toEvm, toStellar } from '../harness/payouts.ts';
import { refusalOf } from '../harness/refusals.ts';
import { stellarRequest, withEnvelope } from '../harness/requests.ts';

// The attacker of this file has taken over the API: its environment, its files, its database, its process.

let stack: Stack;
let client: SignerClient;

beforeAll(async () => {
  stack = await startStack({ paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' } });
  client = connectAs(stack.pki.api);
}, 60_000);
afterAll(async () => {
  client.close();
  await stack.stop();
});

function connectAs({ certFile, keyFile }: { certFile: string; keyFile: string }, caFile = stack.pki.apiCaFile) {
  return createSignerClient({
    address: stack.signerAddress,
    tls: { caFile, certFile, keyFile },
    serverSpiffeId: SPIFFE_IDS.signer,
  });
}

describe('what the API has', () => {
  test('its environment holds no credential of AWS, no seed, and no word of the signer’s database', () => {
    const environment = stack.environmentOf('api');
    const names = Object.keys(environment);
    expect(names.filter((name) => /AWS|SEED|KMS|SECRET/i.test(name))).toEqual([]);
    const values = Object.values(environment).join('\n');
    const password = new URL(stack.databaseUrls.signer).password;
    for (const secret of [stack.keys.stellar.seed, stack.keys.evm.seed, password, stack.urls.kms]) {
      expect(values).not.toContain(secret);
    }
  });

  test('its files hold none either', async () => {
    const { CHAINS_FILE, SIGNER_TLS_KEY_FILE, SIGNER_TLS_CERT_FILE, SIGNER_TLS_CA_FILE } = stack.environmentOf('api');
    for (const file of [CHAINS_FILE, SIGNER_TLS_KEY_FILE, SIGNER_TLS_CERT_FILE, SIGNER_TLS_CA_FILE]) {
      const text = await readFile(file ?? '', 'utf8');
      for (const secret of [stack.keys.stellar.seed, stack.keys.evm.seed]) expect(text).not.toContain(secret);
    }
  });

  test('its database role may not connect to the signer’s database', async () => {
    const url = new URL(stack.databaseUrls.api);
    url.pathname = new URL(stack.databaseUrls.signer).pathname;
    const pool = createPool({ url: url.href, max: 1 });
    await expect(pool.query('select 1')).rejects.toThrow(/permission denied for database/);
    await pool.end();
  });

  test('KMS does not know it', async () => {
    const body = JSON.stringify({
      KeyId: 'alias/treasury-stellar',
      Message: 'AAAA',
      SigningAlgorithm: 'ED25519_SHA_512',
    });
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'TrentService.Sign' };
    const response = await fetch(stack.urls.kms, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('MissingAuthenticationToken');
  });

  test('its process has loaded no custody code, no AWS SDK and no policy, while it paid', async () => {
    const coverage = join(stack.dir, 'loaded');
    await mkdir(coverage);
    await stack.restart('api', { env: { NODE_V8_COVERAGE: coverage } });
    const payouts = [await order(stack, toStellar(stack, '1')), await order(stack, toEvm(stack, '0.1'))];
    for (const { id } of payouts) await follow(stack, id);
    await stack.restart('api');

    const loaded = (await Promise.all((await readdir(coverage)).map((name) => readFile(join(coverage, name), 'utf8'))))
      .flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result)
      .map(({ url }) => url);
    expect(loaded.filter((url) => /services\/api\/dist/.test(url)).length).toBeGreaterThan(20);
    expect(
      loaded.filter((url) => /packages\/(custody|policy|dev)\/|@aws-sdk|@smithy|services\/signer/.test(url)),
    ).toEqual([]);
  }, 90_000);
});

describe('what the API’s certificate opens', () => {
  const world = () => ({ keys: stack.keys, recipients: stack.recipients });

  test('the wall signs no hash', async () => {
    const hash = new Uint8Array(32).fill(7);
    expect(
      await refusalOf(client.signTransaction(withEnvelope(stellarRequest(world(), [{ id: 'po_x' }]), hash))),
    ).toMatch(/^TRANSACTION_MALFORMED /);
  });

  test('the wall pays nobody but whom the policy lists', async () => {
    const thief = stack.keys.admin.publicKey();
    const request = stellarRequest(world(), [{ id: 'po_x', destination: thief }], { sequence: 9_999_999n });
    expect(await refusalOf(client.signTransaction(request))).toBe('POLICY_DENIED DESTINATION_NOT_ALLOWED');
  });

  test('no call returns anything but public parts', async () => {
    const { keys } = await client.listKeys();
    expect(keys.map(({ $typeName: _, ...key }) => Object.keys(key).sort())).toEqual(
      keys.map(() => ['address', 'algorithm', 'custodyPath', 'keyId', 'publicKey']),
    );
  });
});

describe('what opens nothing', () => {
  const refused = async (certificate: { certFile: string; keyFile: string }) => {
    const other = connectAs(certificate);
    const outcome = await refusalOf(other.signTransaction(stellarRequest(stack, [{ id: 'po_y' }])));
    other.close();
    return outcome;
  };

  test('another SPIFFE ID of the same CA', async () => {
    const other = await stack.pki.issue({ name: 'other', uris: ['spiffe://countersign.dev/other'] });
    expect(await refused(other)).toBe('POLICY_DENIED CALLER_NOT_ALLOWED');
  });

  test('the API’s SPIFFE ID from another CA', async () => {
    const forged = await stack.pki.issue({ name: 'forged', authority: 'operator', uris: [SPIFFE_IDS.api] });
    expect(await refused(forged)).toBe('UNAVAILABLE');
  });

  test.each<[string, (files: ConnectionOptions) => ConnectionOptions]>([
    ['TLS 1.2', (files) => ({ ...files, maxVersion: 'TLSv1.2' })],
    ['no certificate', ({ ca }) => ({ ca })],
  ])('%s', async (_, change) => {
    const [ca, cert, key] = await Promise.all(
      [stack.pki.apiCaFile, stack.pki.api.certFile, stack.pki.api.keyFile].map((file) => readFile(file)),
    );
    expect(await handshake(Number(stack.signerAddress.split(':')[1]), change({ ca, cert, key }))).toBe('refused');
  });

  test('the signer’s other listener signs nothing: it only reads', async () => {
    const response = await fetch(stack.urls.signerMetrics, { method: 'POST', body: '{}' });
    expect(response.status).toBe(405);
  });
});
