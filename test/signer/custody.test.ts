import { CustodyPath } from '@countersign/contract/signer';
import type { Paths, policyDocument } from '@countersign/dev/configuration';
import { createPool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditRows } from '../harness/audit.ts';
import { operate } from '../harness/operate.ts';
import { evmRequest } from '../harness/requests.ts';
import { ON_LEGACY, openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

let world: SignerWorld;
let replica: Replica;
let nonce = 0n;

beforeAll(async () => {
  world = await openSignerWorld({ paths: ON_LEGACY });
  replica = await world.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const positive = expect.any(Number);
const latency = { p50: positive, p90: positive, p99: positive, max: positive };
const evmOn = (path: Paths['treasury-evm']): Paths => ({ ...ON_LEGACY, 'treasury-evm': path });
const sign = async () => {
  const signed = await replica.client.signTransaction(
    evmRequest(world, { id: `po_${nonce}` }, { nonce }, { lowestOpenNonce: nonce }),
  );
  nonce += 1n;
  return signed.custodyPath;
};

async function metrics(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${replica.signer.metricsPort}/metrics`)).text();
}

const shows = (line: string) => until(line, async () => (await metrics()).includes(`\n${line}\n`));
const onPath = (path: string) => shows(`countersign_key_custody_path{key="treasury-evm",path="${path}"} 1`);
const pending = (is: 0 | 1) => shows(`countersign_key_custody_path_pending{key="treasury-evm"} ${is}`);

async function move(path: Paths['treasury-evm']): Promise<void> {
  await world.setFlags(evmOn(path));
  await onPath(path);
}

async function shadows(): Promise<{ outcome: string; error_code: string | null; timed: boolean }[]> {
  const pool = createPool({ url: world.postgres.urls.signer, max: 1 });
  try {
    const { rows } = await pool.query(
      'select outcome, error_code, legacy_us > 0 and shadow_us > 0 as timed from shadow_signatures order by id',
    );
    return rows;
  } finally {
    await pool.end();
  }
}

const signedByKms = () => world.kms.events().filter(({ eventName }) => eventName === 'Sign').length;

async function changes(): Promise<unknown[]> {
  const rows = await auditRows(world, 'signer-0');
  return rows
    .filter(({ event }) => event.eventName === 'SetCustodyPath')
    .map(({ event: { requestParameters, errorCode } }) => [
      requestParameters?.['from'],
      requestParameters?.['to'],
      ...(errorCode === undefined ? [] : [errorCode]),
    ]);
}

test('on legacy nothing is asked of KMS', async () => {
  expect(await sign()).toBe(CustodyPath.LEGACY);
  expect(signedByKms()).toBe(0);
});

test('on shadow the seed signs, and KMS signs the same beside it, with an event before and one after', async () => {
  await move('shadow');
  expect(await sign()).toBe(CustodyPath.LEGACY);
  await until('the comparison is on record', async () => (await shadows()).length === 1);
  expect(await shadows()).toEqual([{ outcome: 'agreed', error_code: null, timed: true }]);
  expect(signedByKms()).toBe(1);
  const events = (await auditRows(world, 'signer-0')).map(({ event }) => event);
  const shadowEvents = events.filter(({ eventName }) => eventName.endsWith('ShadowSignature'));
  expect(shadowEvents.map(({ eventName, additionalEventData: { outcome } }) => [eventName, outcome])).toEqual([
    ['ReserveShadowSignature', 'reserved'],
    ['ShadowSignature', 'agreed'],
  ]);
  const signed = events.find(
    ({ eventName, requestID }) => eventName === 'SignTransaction' && requestID === shadowEvents[0]?.requestID,
  );
  expect(shadowEvents[0]?.requestParameters).toEqual({
    keyId: 'treasury-evm',
    backend: 'aws-kms',
    signingHash: signed?.requestParameters?.['signingHash'],
  });
  expect(shadowEvents[1]?.additionalEventData['backendAttempts']).toMatchObject([
    { backend: 'aws-kms', outcome: 'succeeded', requestId: world.kms.events().at(-1)?.requestID },
  ]);
});

test.each([
  ['that another key signs for', 'wrong-signature', ['disagreed', 'SIGNATURE_INVALID']],
  ['that refuses', { code: 'AccessDeniedException' }, ['failed', 'AccessDeniedException']],
] as const)('a shadow %s touches no answer', async (_, fault, [outcome, code]) => {
  const before = (await shadows()).length;
  world.kms.faults.add(
    typeof fault === 'string' ? { kind: fault, times: 1 } : { kind: 'error', code: fault.code, times: 1 },
  );
  expect(await sign()).toBe(CustodyPath.LEGACY);
  await until('the comparison is on record', async () => (await shadows()).length > before);
  expect((await shadows()).at(-1)).toEqual({ outcome, error_code: code, timed: true });
});

test('an operator sees how the shadow did, and that it is not ready', async () => {
  const report = (...args: string[]) => operate(world, 'keys', 'shadow-report', ...args);
  const { code, out } = await report('--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual([
    {
      key: 'treasury-evm',
      backend: 'aws-kms',
      count: 3,
      agreed: 1,
      disagreed: 1,
      failed: 1,
      errors: { SIGNATURE_INVALID: 1, AccessDeniedException: 1 },
      legacyMs: latency,
      shadowMs: latency,
      first: expect.stringMatching(/^20/),
      last: expect.stringMatching(/^20/),
    },
  ]);
  expect((await report('treasury-evm')).out).toMatch(/^ {2}signatures {2}3: 1 agreed, 1 disagreed, 1 failed$/m);
  expect(await report('treasury-stellar')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^no shadow signature of treasury-stellar/),
  });
  expect(await report('--since', 'today')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^--since: expected a time in UTC/),
  });
});

test('a shadow that hangs holds nobody up, and what is beyond its share is passed over', async () => {
  world.kms.faults.add({ kind: 'hang' });
  const start = performance.now();
  for (let round = 0; round < 16; round++) expect(await sign()).toBe(CustodyPath.LEGACY);
  expect(performance.now() - start).toBeLessThan(8_000);
  const [, skipped] = /outcome="skipped"\} (\d+)\n/.exec(await metrics()) ?? [];
  expect([10, 11, 12]).toContain(Number(skipped));
  world.kms.faults.clear();
  // They are asked again, once they have waited for long enough.
  await until(
    'all that were asked for are on record',
    async () => (await shadows()).length === 3 + 16 - Number(skipped),
  );
});

test('on kms it is KMS that signs', async () => {
  await move('kms');
  const before = signedByKms();
  expect(await sign()).toBe(CustodyPath.KMS);
  expect(signedByKms()).toBe(before + 1);
});

test.each(['legacy', 'shadow'] as const)(
  'from kms there is no way back to %s: it goes on to sign by KMS',
  async (path) => {
    const before = (await changes()).length;
    await world.setFlags(evmOn(path));
    await pending(1);
    expect(await sign()).toBe(CustodyPath.KMS);
    expect((await changes()).slice(before)).toEqual([['kms', path, 'CUSTODY_PATH_REFUSED']]);
    await world.setFlags(evmOn('kms'));
    await pending(0);
  },
);

test('nor for a signer that starts anew', async () => {
  await world.setFlags(evmOn('legacy'));
  await expect(world.start({ name: 'signer-1' })).rejects.toThrow(
    /^FLAGS_FILE: key treasury-evm: it has been on kms since 20\S+Z: legacy needs allow_legacy in its newest policy$/,
  );
  const [refused] = (await auditRows(world, 'signer-1')).filter(({ event }) => event.eventName === 'StartSigner');
  expect(refused?.event).toMatchObject({ errorCode: 'CUSTODY_PATH_REFUSED' });
});

test('unless policy allows it: then the flag that was refused is followed, without another change of it', async () => {
  await pending(1);
  await world.setPolicy(allowing);
  await onPath('legacy');
  await pending(0);
  expect(await sign()).toBe(CustodyPath.LEGACY);
  expect((await changes()).at(-1)).toEqual(['kms', 'legacy']);
});

function allowing(document: ReturnType<typeof policyDocument>): object {
  const evm = { ...document.keys['treasury-evm'], allow_legacy: true };
  return { ...document, version: 2, keys: { ...document.keys, 'treasury-evm': evm } };
}
