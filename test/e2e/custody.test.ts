import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { KMSClient, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { flagsDocument, type Paths, SEED_VARIABLES, toYaml } from '@countersign/dev/configuration';
import { importKey } from '@countersign/dev/import-key';
import { type Stack, startStack } from '@countersign/dev/stack';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { holdings } from '../harness/balances.ts';
import { type Paid, percentile, startPayoutLoad, sumsOf } from '../harness/payout-load.ts';
import { follow, order, toEvm, toStellar } from '../harness/payouts.ts';
import { until } from '../harness/until.ts';

const EVERY_MS = 500;
const STAGE_MS = 12_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await importInto('alias/treasury-stellar', 'ed25519', stack.keys.stellar.privateKey);
  await importInto('alias/treasury-evm', 'secp256k1', stack.keys.evm.privateKey);
}, 60_000);
afterAll(async () => {
  await stack.stop();
});

/** As a team does it: the seed that signs today is imported into a new key of KMS, and the alias of KEYS_FILE leads there. */
async function importInto(AliasName: string, algorithm: 'ed25519' | 'secp256k1', secret: Uint8Array): Promise<void> {
  const access = stack.kmsAccess.operator;
  const TargetKeyId = await importKey(access, algorithm, secret);
  const { endpoint, region, ...credentials } = access;
  const client = new KMSClient({ endpoint, region, credentials });
  await client.send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
  client.destroy();
}

const all = (path: Paths['treasury-evm']): Paths => ({ 'treasury-stellar': path, 'treasury-evm': path });
const moveAll = async (path: Paths['treasury-evm']) => {
  for (const key of ['treasury-stellar', 'treasury-evm'] as const) await stack.setPath(key, path);
};

async function writeFlags(paths: Paths): Promise<void> {
  await writeFile(`${stack.files.flags}.new`, toYaml(flagsDocument(paths)));
  await rename(`${stack.files.flags}.new`, stack.files.flags);
}

async function metric(line: RegExp): Promise<boolean> {
  return line.test(await (await fetch(stack.urls.signerMetrics)).text());
}

test('under steady payouts both keys go from seed to shadow to KMS: every payout is paid, once', async () => {
  const before = await holdings(stack);
  const baseline = startPayoutLoad(stack, EVERY_MS);
  await pause(2 * STAGE_MS);
  const usual = await baseline.stop();

  const load = startPayoutLoad(stack, EVERY_MS);
  await pause(STAGE_MS / 2);
  await moveAll('shadow');
  await pause(STAGE_MS);
  await moveAll('kms');
  await pause(STAGE_MS / 2);
  const moving = await load.stop();

  expect([...usual, ...moving].filter(({ payout }) => payout.status !== 'completed')).toEqual([]);
  expect(new Set(usual.map(({ payout }) => payout.path))).toEqual(new Set(['legacy']));
  expect(new Set(moving.map(({ payout }) => payout.path))).toEqual(new Set(['legacy', 'kms']));
  const after = await holdings(stack);
  const { stellar, evm } = sumsOf([...usual, ...moving]);
  expect(after).toEqual({ stellar: before.stellar + stellar, evm: before.evm + evm });
  expect(await metric(/countersign_shadow_signatures_total\{key="treasury-stellar",outcome="agreed"\} [1-9]/)).toBe(
    true,
  );
  process.stdout.write(`${[line('on seeds', usual), line('while they move', moving)].join('\n')}\n`);
}, 240_000);

function line(what: string, paid: readonly Paid[]): string {
  const times = paid.map(({ paidMs }) => paidMs);
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(times, share));
  return `${what}: ${paid.length} payouts, paid within p50 ${p50} ms, p99 ${p99} ms, at most ${most} ms`;
}

test('there is no way back: the flag is refused, and payouts go on by KMS', async () => {
  await writeFlags(all('legacy'));
  await until('the flag is refused', () => metric(/countersign_key_custody_path_pending\{key="treasury-evm"\} 1/));
  for (const body of [toStellar(stack, '2'), toEvm(stack, '0.01')]) {
    const { id } = await order(stack, body);
    expect(await follow(stack, id)).toMatchObject({ path: 'kms' });
  }
}, 60_000);

test('nor after a restart: the signer does not start with such a flag, and starts without it', async () => {
  const { stellar, evm } = stack.keys;
  const seeds = { [SEED_VARIABLES['treasury-stellar']]: stellar.seed, [SEED_VARIABLES['treasury-evm']]: evm.seed };
  await expect(stack.restart('signer', { env: seeds })).rejects.toThrow(/it has been on kms since/);
  await writeFlags(all('kms'));
  await stack.restart('signer');
  const { id } = await order(stack, toEvm(stack, '0.01'));
  expect(await follow(stack, id)).toMatchObject({ path: 'kms' });
}, 60_000);
