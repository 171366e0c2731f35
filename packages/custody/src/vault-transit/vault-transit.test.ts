import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describePart } from '@countersign/dev/describe-part';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SIGNER_RULES } from '../../testing/open-bao.ts';
import { refusal } from '../../testing/refusal.ts';
import { openVault, type VaultUnderTest } from '../../testing/vault-under-test.ts';
import type { Backend } from '../backend.ts';
import { checkedSignature } from '../signature.ts';
import { createVaultTransitProvider } from './provider.ts';
import { createVaultClient, type VaultClient } from './vault-client.ts';
import { openVaultTransitBackend } from './vault-transit.ts';

const MESSAGE = new Uint8Array(32).fill(7);
const RETRY = { mostCalls: 4, pauseMs: [1, 2] } as const;
const OPTIONS = { mode: 'development', attemptTimeoutMs: 25_000 } as const;
const within = (ms = 25_000) => AbortSignal.timeout(ms);

describePart({ describe, test }, 'bao', (part) => {
  let vault: VaultUnderTest;
  let client: VaultClient;
  let backend: Backend;
  beforeAll(async () => {
    vault = await openVault(part);
    client = createVaultClient(vault.place, OPTIONS);
    backend = await open('treasury');
  });
  afterEach(() => vault.proxy.clear());
  afterAll(async () => {
    client.close();
    await vault.close();
  });

  const open = (key: string, by = client) =>
    openVaultTransitBackend(by, { algorithm: 'ed25519', key, version: undefined, retry: RETRY }, within());
  const sign = (signal = within(), by = backend) => by.sign(MESSAGE, signal);
  const verified = (by: Backend, raw: Uint8Array) => checkedSignature('ed25519', by.publicKey, MESSAGE, raw);
  const hasty = async (attemptTimeoutMs: number) => {
    const own = createVaultClient(vault.place, { ...OPTIONS, attemptTimeoutMs });
    return { own, by: await open('treasury', own) };
  };

  describe('trouble on the way', () => {
    test.each([307, 412, 429, 472, 473, 500, 502, 503])(
      'status %d twice, then an answer: that one alone has a request id',
      async (status) => {
        vault.proxy.fault({ kind: 'answer', status, headers: { location: 'http://127.0.0.1:1/v1/elsewhere' } }, 2);
        const { attempts, signature } = await sign();
        expect(attempts.map(({ outcome, errorCode }) => [outcome, errorCode])).toEqual([
          ['failed', `Status${status}`],
          ['failed', `Status${status}`],
          ['succeeded', undefined],
        ]);
        expect(attempts.map((attempt) => 'requestId' in attempt)).toEqual([false, false, true]);
        verified(backend, signature);
      },
    );

    test.each([400, 401, 403, 404, 405])('status %d is final: one attempt', async (status) => {
      vault.proxy.fault({ kind: 'answer', status, body: '{"request_id":"r-1","errors":["because"]}' });
      expect(await refusal(sign())).toMatchObject({
        code: 'REFUSED',
        message: `vault-transit: Status${status}: transit/sign/treasury: because (attempts: 1)`,
        attempts: [{ outcome: 'failed', errorCode: `Status${status}`, requestId: 'r-1' }],
      });
    });

    test('the token that a vault says back is in no error', async () => {
      await sign();
      const token = String(vault.proxy.calls.at(-1)?.['x-vault-token']);
      const body = JSON.stringify({ request_id: `r-${token}`, errors: [`bad token ${token}`] });
      const spelled = `\\u${token.charCodeAt(0).toString(16).padStart(4, '0')}${token.slice(1)}`;
      vault.proxy.fault({ kind: 'answer', status: 403, body: body.replaceAll(token, spelled) });
      const error = await refusal(sign());
      expect(token).not.toBe('undefined');
      expect(error.message).toBe('vault-transit: Status403: transit/sign/treasury: bad token [token] (attempts: 1)');
      expect(JSON.stringify(error.attempts)).not.toContain(token);
    });

    test('trouble that stays is unavailable after as many attempts as allowed', async () => {
      vault.proxy.fault({ kind: 'answer', status: 503 });
      expect(await refusal(sign())).toMatchObject({ code: 'UNAVAILABLE', attempts: [{}, {}, {}, {}] });
    });

    test.each(['reset', 'cut'] as const)('%s: the call is made again', async (kind) => {
      vault.proxy.fault({ kind }, 1);
      const { attempts, signature } = await sign();
      expect(attempts).toMatchObject([{ outcome: 'failed', errorCode: 'ECONNRESET' }, { outcome: 'succeeded' }]);
      verified(backend, signature);
    });

    test('a connection that is switched to another protocol is closed: the call is made again', async () => {
      const headers = { connection: 'upgrade', upgrade: 'h2c' };
      vault.proxy.fault({ kind: 'answer', status: 101, headers }, 1);
      const { attempts, signature } = await sign();
      expect(attempts).toMatchObject([{ outcome: 'failed', errorCode: 'ECONNRESET' }, { outcome: 'succeeded' }]);
      verified(backend, signature);
    });

    test.each(['hang', 'stall'] as const)('%s past the deadline is unavailable, on time', async (kind) => {
      vault.proxy.fault({ kind });
      const start = performance.now();
      expect(await refusal(sign(within(150)))).toMatchObject({
        code: 'UNAVAILABLE',
        attempts: [{ backend: 'vault-transit', outcome: 'failed', errorCode: 'DEADLINE' }],
      });
      expect(performance.now() - start).toBeLessThan(10_000);
    });

    test.each(['hang', 'stall'] as const)('%s shorter than the deadline costs one attempt', async (kind) => {
      const { own, by } = await hasty(1_000);
      vault.proxy.fault({ kind }, 1);
      expect((await sign(within(), by)).attempts).toMatchObject([
        { outcome: 'failed', errorCode: 'ETIMEDOUT' },
        { outcome: 'succeeded' },
      ]);
      own.close();
    });

    test.each<[what: string, code: string, body: string]>([
      ['no JSON', 'MalformedAnswer', '<html>hello</html>'],
      ['nothing', 'MalformedAnswer', ''],
      ['no data', 'MalformedAnswer', '{"data":null}'],
      ['no signature', 'MalformedAnswer', '{"data":{}}'],
      ['a signature without a version', 'MalformedAnswer', '{"data":{"signature":"AAAA"}}'],
      ['longer than any answer is', 'TooLong', `{"data":{"signature":"${'A'.repeat(300_000)}"}}`],
    ])('a success that is %s is tried again', async (_, errorCode, body) => {
      vault.proxy.fault({ kind: 'answer', status: 200, body }, 1);
      expect((await sign()).attempts).toMatchObject([{ outcome: 'failed', errorCode }, { outcome: 'succeeded' }]);
    });

    test('a signature by another version is refused, whatever it is', async () => {
      vault.proxy.fault({ kind: 'change', change: (text) => text.replace('vault:v1:', 'vault:v2:') });
      expect(await refusal(sign())).toMatchObject({
        code: 'REFUSED',
        message: 'vault-transit: WrongVersion: signature: expected version 1, got 2 (attempts: 1)',
        attempts: [{ errorCode: 'WrongVersion', requestId: expect.any(String) }],
      });
    });

    test.each([
      ['another', (base64: string) => Buffer.from(base64, 'base64').reverse().toString('base64')],
      ['a short', (base64: string) => base64.slice(0, 40)],
    ])('%s signature never passes the check', async (_, spoil) => {
      vault.proxy.fault({
        kind: 'change',
        change: (text) => text.replace(/(?<=vault:v1:)[^"]+/, spoil),
      });
      const { signature } = await sign();
      expect(() => verified(backend, signature)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
    });
  });

  describe('a key that changes while the signer runs', () => {
    test('rotated, it signs by the version that was opened', async () => {
      await vault.bao.createKey('rotated');
      const before = await open('rotated');
      await vault.bao.ask('POST', 'transit/keys/rotated/rotate');
      verified(before, (await sign(within(), before)).signature);
      const after = await open('rotated');
      expect(Buffer.from(after.publicKey).toString('hex')).toBe(await vault.bao.publicKey('rotated', 2));
      expect(after.publicKey).not.toEqual(before.publicKey);
    });

    test.each(['min_encryption_version', 'min_decryption_version'])(
      'its version put out of use by %s is refused, and the vault is not down for it',
      async (word) => {
        const key = `retired-${word}`;
        await vault.bao.createKey(key);
        const retired = await open(key);
        await vault.bao.ask('POST', `transit/keys/${key}/rotate`);
        await vault.bao.ask('POST', `transit/keys/${key}/config`, { body: { [word]: 2 } });
        expect(await refusal(sign(within(), retired))).toMatchObject({ code: 'REFUSED', attempts: [{}] });
      },
    );

    test('deleted, it is refused; made anew under its name, it is not taken for the pinned key', async () => {
      await vault.bao.createKey('deleted');
      const before = await open('deleted');
      await vault.bao.ask('POST', 'transit/keys/deleted/config', { body: { deletion_allowed: true } });
      await vault.bao.ask('DELETE', 'transit/keys/deleted');
      expect(await refusal(sign(within(), before))).toMatchObject({
        code: 'REFUSED',
        message: 'vault-transit: Status400: transit/sign/deleted: signing key not found (attempts: 1)',
      });
      await vault.bao.createKey('deleted');
      const { signature } = await sign(within(), before);
      expect(() => verified(before, signature)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
    });
  });

  describe('a vault', () => {
    test('that is sealed is unavailable, and signs again once it is unsealed', async () => {
      await vault.bao.seal();
      expect(await refusal(sign())).toMatchObject({
        code: 'UNAVAILABLE',
        message: 'vault-transit: Status503: transit/sign/treasury: Vault is sealed (attempts: 4)',
      });
      await vault.bao.unseal();
      verified(backend, (await sign()).signature);
    });

    test('that is started anew signs on, without its keys being opened again', async () => {
      await sign();
      await vault.bao.restart();
      verified(backend, (await sign()).signature);
    });

    test('whose rate limit is reached is asked again, and is not down', async () => {
      await vault.bao.createKey('limited');
      const limited = await open('limited');
      const body = { path: 'transit/sign/limited', rate: 1, interval: '60s' };
      await vault.bao.ask('POST', 'sys/quotas/rate-limit/signatures', { body });
      expect((await sign(within(), limited)).attempts).toHaveLength(1);
      expect(await refusal(sign(within(), limited))).toMatchObject({
        code: 'UNAVAILABLE',
        attempts: [{ errorCode: 'Status429' }, {}, {}, {}],
      });
      await vault.bao.ask('DELETE', 'sys/quotas/rate-limit/signatures');
      expect((await sign(within(), limited)).attempts).toHaveLength(1);
    });
  });

  describe('the token', () => {
    let key: Backend;
    let own: VaultClient;
    let token: string;
    const write = (text: string, mode?: number) => vault.bao.writeToken('own-token', text, mode);
    const revoke = (text: string) => vault.bao.ask('POST', 'auth/token/revoke', { body: { token: text } });
    beforeAll(async () => {
      token = await vault.bao.createToken(SIGNER_RULES);
      const token_file = await write(token);
      own = createVaultClient({ ...vault.place, token_file }, OPTIONS);
      key = await open('treasury', own);
    });
    afterAll(() => own.close());

    test('revoked and not renewed, is refused, and stands in no error', async () => {
      await revoke(token);
      const error = await refusal(sign(within(), key));
      expect(error).toMatchObject({
        code: 'REFUSED',
        message: 'vault-transit: Status403: transit/sign/treasury: permission denied (attempts: 1)',
      });
      expect(JSON.stringify([error.message, error.attempts, String(error.cause)])).not.toContain(token);
    });

    test('renewed in its file, is taken from there', async () => {
      token = await vault.bao.createToken(SIGNER_RULES);
      await write(token);
      const { attempts } = await sign(within(), key);
      expect(attempts).toMatchObject([{ outcome: 'succeeded' }]);
      expect(vault.proxy.calls.at(-1)).toMatchObject({ 'x-vault-token': token });
    });

    test('renewed while a call with the old one is refused: the call is made again with the new one', async () => {
      const fresh = await vault.bao.createToken(SIGNER_RULES);
      await revoke(token);
      vault.proxy.fault({ kind: 'change', change: (text) => write(fresh).then(() => text) }, 1);
      expect((await sign(within(), key)).attempts).toMatchObject([
        { outcome: 'failed', errorCode: 'Status403' },
        { outcome: 'succeeded' },
      ]);
      token = fresh;
    });

    test.each([
      ['that other users may read', () => write(token, 0o644), 'other users may read or write the file'],
      ['that is cut short', () => write(''), 'expected one token'],
    ])('in a file %s is not sent; it is unavailable until that is mended', async (_, spoil, problem) => {
      await spoil();
      const before = vault.proxy.calls.length;
      const error = await refusal(sign(within(), key));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', attempts: [{ errorCode: 'NoToken' }, {}, {}, {}] });
      expect(error.message).toContain(problem);
      expect(vault.proxy.calls).toHaveLength(before);
      await write(token);
      expect((await sign(within(), key)).attempts).toMatchObject([{ outcome: 'succeeded' }]);
    });

    test('that has become a pipe holds nobody: it is unavailable until that is mended', async () => {
      const token_file = await write(token);
      await rm(token_file);
      await promisify(execFile)('mkfifo', ['-m', '600', token_file]);
      const error = await refusal(sign(within(), key));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', attempts: [{ errorCode: 'NoToken' }, {}, {}, {}] });
      expect(error.message).toContain('expected a regular file');
      await rm(token_file);
      await write(token);
      expect((await sign(within(), key)).attempts).toMatchObject([{ outcome: 'succeeded' }]);
    });

    test('that may read keys and not sign opens a key that then refuses', async () => {
      await write(await vault.bao.createToken('path "transit/keys/*" { capabilities = ["read"] }'));
      const unable = await open('treasury', own);
      expect(await refusal(sign(within(), unable))).toMatchObject({
        code: 'REFUSED',
        attempts: [{ errorCode: 'Status403' }],
      });
    });
  });

  describe('the keys of one vault', () => {
    const custody = (key: string) => ({ backend: 'vault-transit', vault: 'main', key }) as const;

    test('share what is known of its health', async () => {
      const seen: boolean[] = [];
      const circuit = { failures: 3, openMs: [60_000, 60_000] } as const;
      const provider = createVaultTransitProvider(vault.place, { ...OPTIONS, circuit }, (isOpen) => seen.push(isOpen));
      await vault.bao.createKey('second');
      const [one, two] = [
        await provider.open(custody('treasury'), 'ed25519', within()),
        await provider.open(custody('second'), 'ed25519', within()),
      ];
      vault.proxy.fault({ kind: 'answer', status: 503 });
      expect(await refusal(sign(within(), one))).toMatchObject({ code: 'UNAVAILABLE', attempts: [{}, {}, {}] });
      vault.proxy.clear();
      expect(await refusal(sign(within(), two))).toMatchObject({ code: 'UNAVAILABLE', attempts: [] });
      expect(seen).toEqual([true]);
      await provider.close();
    });

    test('do not take a token that is missing for a sign that a sealed vault answers again', async () => {
      const seen: boolean[] = [];
      const circuit = { failures: 1, openMs: [0, 0] } as const;
      const token_file = await vault.bao.writeToken('fleeting', await vault.bao.createToken(SIGNER_RULES));
      const place = { ...vault.place, token_file };
      const provider = createVaultTransitProvider(place, { ...OPTIONS, circuit }, (isOpen) => seen.push(isOpen));
      const key = await provider.open(custody('treasury'), 'ed25519', within());
      vault.proxy.fault({ kind: 'answer', status: 503 });
      await refusal(sign(within(), key));
      await vault.bao.writeToken('fleeting', '');
      expect((await refusal(sign(within(), key))).attempts).toMatchObject([{ errorCode: 'NoToken' }, {}, {}, {}]);
      expect(seen).toEqual([true]);
      await provider.close();
    });

    test('share a rate, by which they wait', async () => {
      const provider = createVaultTransitProvider({ ...vault.place, sign_per_second: 1 }, OPTIONS, () => {});
      const key = await provider.open(custody('treasury'), 'ed25519', within());
      await sign(within(), key);
      expect((await refusal(sign(within(100), key))).message).toContain('no turn under the quota');
      await provider.close();
    });
  });
});
