import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CustodyPath } from '@countersign/contract/signer';
import { policyDocument } from '@countersign/dev/configuration';
import { generateKeys } from '@countersign/dev/keys';
import { createPool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditRows } from '../harness/audit.ts';
import { evmRequest } from '../harness/requests.ts';
import { ON_KMS, ON_LEGACY, openSignerWorld, type ReplicaOptions, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

let world: SignerWorld;

beforeAll(async () => {
  world = await openSignerWorld({ paths: ON_LEGACY });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test('a flag moves a key from its seed to KMS while the signer runs', async () => {
  const { client, signer } = await world.start();
  await using _stopped = signer;
  const first = await client.signTransaction(evmRequest(world, { id: 'po_1' }));
  expect(first.custodyPath).toBe(CustodyPath.LEGACY);
  expect(world.kms.events().filter(({ eventName }) => eventName === 'Sign')).toEqual([]);

  await world.setFlags(ON_KMS);
  await until('the path is in force', async () => {
    const text = await (await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`)).text();
    return text.includes('countersign_key_custody_path{key="treasury-evm",path="kms"} 1');
  });
  const second = await client.signTransaction(evmRequest(world, { id: 'po_2' }, { nonce: 1n }));
  expect(second.custodyPath).toBe(CustodyPath.KMS);
  await until('the change has its event', async () => {
    const rows = await auditRows(world, 'signer-0');
    return rows.filter(({ event }) => event.eventName === 'SetCustodyPath').length === 2;
  });
});

test('a bad flags file changes nothing, and is counted', async () => {
  await world.setFlags(ON_KMS);
  const { client, signer } = await world.start();
  await using _stopped = signer;
  await writeFile(join(world.dir, 'flags.yaml'), 'paths: { treasury-evm: safe }');
  await until('the error is counted', async () => {
    const text = await (await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`)).text();
    return /countersign_flag_errors_total [1-9]/.test(text);
  });
  expect((await client.getKey({ keyId: 'treasury-evm' })).key?.custodyPath).toBe(CustodyPath.KMS);
  await world.setFlags(ON_KMS);
});

describe('refuses to start', () => {
  const file = async (name: string, text: string) => {
    await writeFile(join(world.dir, name), text);
    return join(world.dir, name);
  };
  /** Both keys on KMS alone; `stellar` pins another key, an undefined `evm` leaves that key out. */
  const keysFile = (change: { stellar?: Uint8Array; evm?: undefined }) => {
    const entry = (id: string, algorithm: string, publicKey: Uint8Array) =>
      `  ${id}: { algorithm: ${algorithm}, public_key: '${Buffer.from(publicKey).toString('hex')}', custodies: { kms: { backend: aws-kms, key: alias/${id} } } }\n`;
    const stellar = entry('treasury-stellar', 'ed25519', change.stellar ?? world.keys.stellar.publicKey);
    const evm = 'evm' in change ? '' : entry('treasury-evm', 'secp256k1', world.keys.evm.publicKey);
    return file('keys-x.yaml', `keys:\n${stellar}${evm}`);
  };
  /** The policy, with the EVM key's destinations or the time of the clock for ledgers replaced. */
  const policyFile = (change: { destinations?: readonly string[]; closed_at?: string }) => {
    const document = JSON.stringify(policyDocument(world.keys, world.recipients), (key, value) => {
      if (key === 'evm' && change.destinations !== undefined) return { ...value, destinations: change.destinations };
      return key === 'closed_at' ? (change.closed_at ?? value) : value;
    });
    return file('policy-y.yaml', document);
  };
  type Case = readonly [what: string, problem: RegExp, options: () => Promise<ReplicaOptions> | ReplicaOptions];
  const cases: Case[] = [
    ['without a database', /DATABASE_URL/, () => ({ env: { DATABASE_URL: undefined } })],
    ['with a database address that is none', /DATABASE_URL/, () => ({ env: { DATABASE_URL: 'mysql://x' } })],
    ['with a port beyond the last', /SIGNER_PORT/, () => ({ env: { SIGNER_PORT: '70000' } })],
    [
      'without a policy file',
      /POLICY_FILE: cannot read the file \(ENOENT\)/,
      () => ({ env: { POLICY_FILE: '/nowhere' } }),
    ],
    [
      'with an unknown word in the policy',
      /policy-x.yaml:2: colour: unknown word/,
      async () => ({
        env: { POLICY_FILE: await file('policy-x.yaml', 'version: 1\ncolour: red\nenvironment: e\nkeys: {}\n') },
      }),
    ],
    [
      'with a key that the flags do not name',
      /treasury-evm/,
      async () => ({ env: { FLAGS_FILE: await file('flags-x.yaml', 'paths: { treasury-stellar: kms }\n') } }),
    ],
    [
      'while the seed of a key on kms is in the environment',
      /LEGACY_SEED_TREASURY_EVM: key treasury-evm is on kms/,
      () => ({ env: { LEGACY_SEED_TREASURY_EVM: world.keys.evm.seed } }),
    ],
    [
      'with another public key than the pinned one',
      /key treasury-stellar.*public key/,
      async () => ({ env: { KEYS_FILE: await keysFile({ stellar: generateKeys(0).stellar.publicKey }) } }),
    ],
    [
      'with a path that the key has no custody for',
      /key treasury-stellar: its flag says legacy/,
      async () => {
        const flags = await file('flags-y.yaml', 'paths: { treasury-stellar: legacy, treasury-evm: kms }\n');
        return { env: { KEYS_FILE: await keysFile({}), FLAGS_FILE: flags } };
      },
    ],
    [
      'with a policy for a key that is not registered',
      /keys.treasury-evm: expected a registered secp256k1 key, got none/,
      async () => ({ env: { KEYS_FILE: await keysFile({ evm: undefined }) } }),
    ],
    [
      'with a policy that pays another key of ours',
      /keys.treasury-evm.evm.destinations: 0x\w+ is an account of our own/,
      async () => ({ env: { POLICY_FILE: await policyFile({ destinations: [world.keys.evm.address] }) } }),
    ],
    [
      'with a policy whose clock for ledgers is years old',
      /keys.treasury-stellar.stellar.soroban.ledger_clock.closed_at: expected a time of the last year/,
      async () => ({ env: { POLICY_FILE: await policyFile({ closed_at: '2016-11-21T00:00:00Z' }) } }),
    ],
    [
      'with a policy whose clock for ledgers is ahead',
      /ledger_clock.closed_at: expected a time of the last year/,
      async () => ({ env: { POLICY_FILE: await policyFile({ closed_at: '2126-11-21T00:00:00Z' }) } }),
    ],
    [
      'in production mode with another endpoint',
      /AWS_ENDPOINT_URL_KMS/,
      () => ({ env: { COUNTERSIGN_MODE: 'production' } }),
    ],
    ['without the right to use the key', /key treasury-/, () => ({ env: { AWS_SECRET_ACCESS_KEY: 'wrong' } })],
  ];
  test.each(cases)('%s', async (_, problem, options) => {
    await world.setFlags(ON_KMS);
    await expect(world.start(await options())).rejects.toThrow(problem);
  });

  test('a refused start shows no value of a variable', async () => {
    const start = world.start({ env: { DATABASE_URL: 'mysql://user:hunter2@host/db' } });
    await expect(start).rejects.not.toThrow(/hunter2/);
  });

  test('over a database that may lose commits', async () => {
    const admin = createPool({ url: world.postgres.adminUrl, max: 1 });
    await admin.query('alter role signer set synchronous_commit = off');
    await expect(world.start()).rejects.toThrow(/synchronous_commit/);
    await admin.query('alter role signer reset synchronous_commit');
    await admin.end();
  });
});
