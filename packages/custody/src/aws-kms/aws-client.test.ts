import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createKmsClient } from './aws-client.ts';

const region = 'us-east-1';
const PAIR = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-value' };

describe('the client for KMS', () => {
  test.each([
    ['AWS_REGION: expected a region, got nothing', { mode: 'production' }, PAIR],
    ['AWS_SECRET_ACCESS_KEY: missing', { mode: 'production', region }, { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' }],
    ['AWS_ACCESS_KEY_ID: missing', { mode: 'production', region }, { AWS_SECRET_ACCESS_KEY: 'secret-value' }],
    ['AWS endpoint: an override is refused', { mode: 'production', region, endpoint: 'http://127.0.0.1:1' }, PAIR],
    [
      'AWS_ENDPOINT_URL_KMS: an endpoint',
      { mode: 'production', region },
      { ...PAIR, AWS_ENDPOINT_URL_KMS: 'http://x' },
    ],
    ['AWS_ENDPOINT_URL: an endpoint', { mode: 'production', region }, { ...PAIR, AWS_ENDPOINT_URL: 'http://x' }],
  ] as const)('%s', (message, options, env) => {
    const create = () => createKmsClient(options, env);
    expect(create).toThrow(expect.objectContaining({ code: 'MISCONFIGURED' }));
    expect(create).toThrow(message);
    expect(create).not.toThrow(/secret-value/);
  });

  test('region and credentials come from the environment, a session token with them', async () => {
    const env = { AWS_REGION: 'eu-west-1', ...PAIR, AWS_SESSION_TOKEN: 'token' };
    const client = createKmsClient({ mode: 'production' }, env);
    expect(await client.config.region()).toBe('eu-west-1');
    expect(await client.config.credentials()).toMatchObject({
      accessKeyId: 'AKIAEXAMPLE',
      secretAccessKey: 'secret-value',
      sessionToken: 'token',
    });
    expect(await client.config.maxAttempts()).toBe(1);
    client.destroy();
  });

  test('what is given wins over the environment, and is not written to', async () => {
    const credentials = Object.freeze({ accessKeyId: 'GIVEN', secretAccessKey: 'given' });
    const client = createKmsClient({ mode: 'development', region, credentials }, { AWS_REGION: 'eu-west-1', ...PAIR });
    expect(await client.config.region()).toBe(region);
    expect(await client.config.credentials()).toMatchObject({ accessKeyId: 'GIVEN' });
    client.destroy();
  });

  describe('with an endpoint in a file or a variable that the SDK itself would read', () => {
    const before = { ...process.env };
    afterEach(() => {
      process.env = { ...before };
    });

    test('it is not followed', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'aws-'));
      const file = join(folder, 'config');
      await writeFile(file, '[default]\nendpoint_url = http://127.0.0.1:9\n');
      process.env['AWS_CONFIG_FILE'] = file;
      process.env['AWS_ENDPOINT_URL_KMS'] = 'http://127.0.0.1:9';
      const client = createKmsClient({ mode: 'development', region }, PAIR);
      const hosts: string[] = [];
      client.middlewareStack.add(
        () => async (args) => {
          hosts.push((args.request as { hostname: string }).hostname);
          throw new Error('not sent');
        },
        { step: 'finalizeRequest' },
      );
      await expect(client.send(new DescribeKeyCommand({ KeyId: 'x' }))).rejects.toThrow('not sent');
      expect(hosts).toEqual(['kms.us-east-1.amazonaws.com']);
      client.destroy();
      await rm(folder, { recursive: true });
    });
  });
});
