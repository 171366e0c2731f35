import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { policyDocument, toYaml } from '@countersign/dev/configuration';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditRows } from '../harness/audit.ts';
import { spawnSigner } from '../harness/processes.ts';
import { refusalOf } from '../harness/refusals.ts';
import { stellarRequest, XLM } from '../harness/requests.ts';
import { ON_LEGACY, openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

const HOUR = 3600;
// Replicas that are told the same are told the same bytes.
const AT = new Date();

let world: SignerWorld;
/** Each has a policy file of its own. */
let replicas: readonly [Replica, Replica];
let sequence = 0n;
let payouts = 0;

beforeAll(async () => {
  world = await openSignerWorld({ paths: ON_LEGACY });
  const start = async (name: string) =>
    world.start({ name, env: { POLICY_FILE: await policyFile(name, { version: 1, payoutsAnHour: 100 }) } });
  replicas = [await start('one'), await start('two')];
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface PolicyChange {
  readonly version: number;
  readonly payoutsAnHour: number;
  readonly environment?: string;
}

async function policyFile(name: string, { version, payoutsAnHour, environment }: PolicyChange): Promise<string> {
  const document = policyDocument(world.keys, world.recipients, AT);
  const { stellar } = document.keys['treasury-stellar'];
  const windows = [{ seconds: HOUR, max_count: payoutsAnHour }];
  const xlm = { ...stellar.assets[XLM], max_per_payout: '1000', windows };
  const treasury = {
    ...document.keys['treasury-stellar'],
    stellar: { ...stellar, assets: { ...stellar.assets, [XLM]: xlm } },
  };
  const keys = { ...document.keys, 'treasury-stellar': treasury };
  return write(`policy-${name}.yaml`, toYaml({ ...document, keys, version, ...(environment && { environment }) }));
}

async function write(name: string, text: string): Promise<string> {
  const file = join(world.dir, name);
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
  return file;
}

/** One payout that nothing stands against. */
const newRequest = () => stellarRequest(world, [{ id: `po_${++payouts}` }], { sequence: ++sequence });
const sign = ({ client }: Pick<Replica, 'client'>, request = newRequest()) =>
  refusalOf(client.signTransaction(request));

interface Measured {
  readonly signer: { readonly metricsPort: number };
}

async function metric({ signer }: Measured, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** What is not ready. */
async function readiness({ signer }: Measured): Promise<unknown> {
  const answer: unknown = await (await fetch(`http://127.0.0.1:${signer.metricsPort}/readyz`)).json();
  return Reflect.get(Object(answer), 'failed');
}

const version = (replica: Measured) => metric(replica, 'countersign_policy_version');

describe('a policy that changes while signers run', () => {
  test('is in force at once where its file has changed; the other replica signs nothing, replays too', async () => {
    const [one, two] = replicas;
    const signed = newRequest();
    expect([await sign(one, signed), await sign(two)]).toEqual(['signed', 'signed']);
    await policyFile('one', { version: 2, payoutsAnHour: 3 });
    await until('version 2 is in force', async () => (await version(one)) === 2);
    expect(await sign(two)).toBe('POLICY_SUPERSEDED POLICY_SUPERSEDED');
    expect(await sign(two, signed)).toBe('POLICY_SUPERSEDED POLICY_SUPERSEDED');
    expect([await readiness(one), await readiness(two)]).toEqual([[], ['policy']]);
  });

  test('counts in its windows what was signed before it came', async () => {
    const [one] = replicas;
    expect(await sign(one)).toBe('signed');
    expect(await sign(one)).toBe('LIMIT_REACHED COUNT_WINDOW_REACHED');
  });

  test('is in force in the other replica as soon as its file has changed too', async () => {
    const [, two] = replicas;
    await policyFile('two', { version: 2, payoutsAnHour: 3 });
    await until('version 2 is in force', async () => (await version(two)) === 2);
    expect(await sign(two)).toBe('LIMIT_REACHED COUNT_WINDOW_REACHED');
  });

  test('leaves the event of each replica’s question, also where it was only confirmed', async () => {
    const events = (await Promise.all(['one', 'two'].map((name) => auditRows(world, name)))).map((rows) =>
      rows
        .filter(({ event }) => event.eventName === 'SetPolicy')
        .map(({ event }) => [event.requestParameters?.['policyVersion'], event.errorCode]),
    );
    const accepted = [
      [1, undefined],
      [2, undefined],
    ];
    expect(events).toEqual([accepted, accepted]);
  });
});

describe('a policy that is refused leaves the one before in force, whole', () => {
  const cases: [what: string, change: () => Promise<unknown>, problem: RegExp | undefined][] = [
    ['an older one', () => policyFile('one', { version: 1, payoutsAnHour: 9 }), /version: expected at least 2/],
    ['another one of the same version', () => policyFile('one', { version: 2, payoutsAnHour: 9 }), /more than 2/],
    [
      'one of another environment',
      () => policyFile('one', { version: 9, payoutsAnHour: 9, environment: 'production' }),
      /environment: expected development/,
    ],
    ['a file that is no policy', () => write('policy-one.yaml', 'version: 9\nkeys: {}\n'), undefined],
    ['a file that is half there', () => write('policy-one.yaml', 'version: 9\nenvironment: ['), undefined],
  ];
  test.each(cases)('%s', async (_, change, problem) => {
    const [one] = replicas;
    const before = await metric(one, 'countersign_policy_errors_total');
    await change();
    await until('it was refused', async () => (await metric(one, 'countersign_policy_errors_total')) > before);
    expect(await version(one)).toBe(2);
    expect(await sign(one)).toBe('LIMIT_REACHED COUNT_WINDOW_REACHED');
    const [last] = (await auditRows(world, 'one')).filter(({ event }) => event.eventName === 'SetPolicy').slice(-1);
    if (problem !== undefined) {
      expect(last?.event.errorCode).toBe('POLICY_REFUSED');
      expect(last?.event.errorMessage).toMatch(problem);
    }
  });

  test('and a good one is taken afterwards', async () => {
    await policyFile('one', { version: 3, payoutsAnHour: 100 });
    await until('version 3 is in force', async () => (await version(replicas[0])) === 3);
    expect(await sign(replicas[0])).toBe('signed');
  });
});

test('a signer does not start with a policy older than the one in force', async () => {
  const POLICY_FILE = await policyFile('three', { version: 2, payoutsAnHour: 3 });
  await expect(world.start({ name: 'three', env: { POLICY_FILE } })).rejects.toThrow(
    /POLICY_FILE: version: expected at least 3/,
  );
});

test('SIGHUP reads the bundle again', async () => {
  const POLICY_FILE = await policyFile('four', { version: 4, payoutsAnHour: 100 });
  await using part = await spawnSigner(world, { name: 'four', env: { POLICY_FILE } });
  const running = { signer: part };
  expect(await version(running)).toBe(4);
  // A bundle that nobody changes is read again by the signal alone: a refusal is counted twice, for one change of the file.
  await policyFile('four', { version: 3, payoutsAnHour: 1 });
  const refusals = () => metric(running, 'countersign_policy_errors_total');
  await until('the change was refused', async () => (await refusals()) === 1);
  part.process.kill('SIGHUP');
  await until('it was read again', async () => (await refusals()) === 2);
});
