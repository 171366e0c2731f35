import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { verifyChain } from '@countersign/audit/chain';
import { Algorithm, CustodyPath } from '@countersign/contract/signer';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditRows } from '../harness/audit.ts';
import { handshake } from '../harness/handshake.ts';
import { refusalOf } from '../harness/refusals.ts';
import { stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';

let world: SignerWorld;
let replica: Replica;

beforeAll(async () => {
  world = await openSignerWorld();
  replica = await world.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe('who gets in', () => {
  const list = async (files: { certFile: string; keyFile: string }) =>
    refusalOf(world.connect(replica.signer, { caFile: world.pki.apiCaFile, ...files }).listKeys());

  test('the API does', async () => {
    expect(await list(world.pki.api)).toBe('signed');
  });

  test('an operator does not: another CA signs those', async () => {
    expect(await list(world.pki.operator)).toBe('UNAVAILABLE');
  });

  test('a certificate with two identities does not', async () => {
    const uris = ['spiffe://countersign.dev/api', 'spiffe://countersign.dev/other'];
    expect(await list(await world.pki.issue({ name: 'two', uris }))).toBe('UNAUTHENTICATED');
  });

  test('a certificate without an identity does not', async () => {
    expect(await list(await world.pki.issue({ name: 'none', dns: ['countersign.dev'] }))).toBe('UNAUTHENTICATED');
  });

  test('an expired certificate does not', async () => {
    const notAfter = new Date(Date.now() - 60_000);
    const notBefore = new Date(Date.now() - 120_000);
    const uris = ['spiffe://countersign.dev/api'];
    expect(await list(await world.pki.issue({ name: 'old', uris, notBefore, notAfter }))).toBe('UNAVAILABLE');
  });

  test.each<[string, () => ConnectionOptions, string]>([
    ['TLS 1.2', () => ({ ...clientFiles(), maxVersion: 'TLSv1.2' }), 'refused'],
    ['no certificate', () => ({ ca: clientFiles().ca }), 'refused'],
    ['TLS 1.3 with the API certificate', clientFiles, 'open'],
  ])('%s: %s', async (_, options, outcome) => {
    expect(await handshake(replica.signer.port, options())).toBe(outcome);
  });

  function clientFiles(): ConnectionOptions {
    const { apiCaFile, api } = world.pki;
    return { ca: readFileSync(apiCaFile), cert: readFileSync(api.certFile), key: readFileSync(api.keyFile) };
  }
});

describe('keys', () => {
  test('the caller sees the public parts of its keys', async () => {
    const { keys } = await replica.client.listKeys();
    expect(keys).toMatchObject([
      {
        keyId: 'treasury-evm',
        algorithm: Algorithm.SECP256K1,
        address: world.keys.evm.address,
        custodyPath: CustodyPath.KMS,
      },
      { keyId: 'treasury-stellar', algorithm: Algorithm.ED25519, address: world.keys.stellar.address },
    ]);
    const { key } = await replica.client.getKey({ keyId: 'treasury-stellar' });
    expect(key).toEqual(keys[1]);
  });

  test('a key that is not there is not found', async () => {
    expect(await refusalOf(replica.client.getKey({ keyId: 'gold' }))).toBe('KEY_NOT_FOUND');
  });
});

describe('evidence', () => {
  test('every call has left its event, and the chain is whole', async () => {
    await replica.client.signTransaction(stellarRequest(world, [{ id: 'po_1' }]));
    const rows = await auditRows(world, 'signer-0');
    expect(verifyChain(rows)).toMatchObject({ ok: true });
    const names = new Set(rows.map(({ event }) => `${event.eventName} ${event.errorCode ?? 'ok'}`));
    expect(names).toEqual(
      new Set([
        'SetPolicy ok',
        'StartSigner ok',
        'ListKeys ok',
        'ListKeys UNAUTHENTICATED',
        'GetKey ok',
        'GetKey KEY_NOT_FOUND',
        'ReserveSignature ok',
        'SignTransaction ok',
      ]),
    );
  });

  test('no seed, no private key and no credential stands in any event', async () => {
    const text = JSON.stringify(await auditRows(world, 'signer-0'), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const { stellar, evm } = world.keys;
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    for (const secret of [
      stellar.seed,
      hex(stellar.privateKey),
      evm.seed,
      world.kms.credentials.signer.secretAccessKey,
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  test('metrics count the stages and the outcome', async () => {
    const text = await (await fetch(`http://127.0.0.1:${replica.signer.metricsPort}/metrics`)).text();
    expect(text).toMatch(
      /countersign_sign_requests_total\{key="treasury-stellar",chain="stellar:standalone",outcome="succeeded"\} 1/,
    );
    for (const stage of ['authenticate', 'decode', 'match', 'decide', 'reserve', 'verify', 'record']) {
      expect(text).toContain(
        `countersign_sign_stage_seconds_count{stage="${stage}",custody="none",outcome="succeeded"} 1`,
      );
    }
    expect(text).toContain('countersign_sign_stage_seconds_count{stage="sign",custody="kms",outcome="succeeded"} 1');
    expect(text).toContain('countersign_backend_attempts_total{custody="aws-kms",outcome="succeeded"} 1');
    expect(text).toContain('countersign_key_custody_path{key="treasury-evm",path="kms"} 1');
    expect(text).toMatch(/countersign_audit_chain_height [1-9]/);
  });

  test('the probes answer', async () => {
    for (const probe of ['livez', 'readyz']) {
      expect((await fetch(`http://127.0.0.1:${replica.signer.metricsPort}/${probe}`)).status).toBe(200);
    }
  });
});
