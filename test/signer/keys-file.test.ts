import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CustodyPath } from '@countersign/contract/signer';
import { keysDocument, type Paths, toYaml } from '@countersign/dev/configuration';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditRows } from '../harness/audit.ts';
import { evmRequest } from '../harness/requests.ts';
import { ON_LEGACY, openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

const ALIASES = { 'treasury-stellar': 'alias/treasury-stellar', 'treasury-evm': 'alias/treasury-evm' };
const EVM_ON_KMS: Paths = { ...ON_LEGACY, 'treasury-evm': 'kms' };

let world: SignerWorld;
let replica: Replica;
let nonce = 0n;
beforeAll(async () => {
  world = await openSignerWorld({ paths: ON_LEGACY });
  await writeKeys((keys) => ({ ...keys, 'treasury-evm': seedOnly(keys['treasury-evm']) }));
  replica = await world.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

type Keys = ReturnType<typeof keysDocument>['keys'];

async function writeKeys(change: (keys: Keys) => object = (keys) => keys): Promise<void> {
  const document = keysDocument(world.keys, ALIASES);
  const file = join(world.dir, 'keys.yaml');
  await writeFile(`${file}.new`, toYaml({ ...document, keys: change(document.keys) }));
  await rename(`${file}.new`, file);
}

const seedOnly = ({ custodies: { legacy }, ...key }: Keys['treasury-evm']) => ({ ...key, custodies: { legacy } });

async function sign(): Promise<CustodyPath> {
  const payout = { id: `po_${nonce}` };
  const signed = await replica.client.signTransaction(evmRequest(world, payout, { nonce }, { lowestOpenNonce: nonce }));
  nonce += 1n;
  return signed.custodyPath;
}

const shows = (line: string) =>
  until(line, async () => {
    const metrics = await fetch(`http://127.0.0.1:${replica.signer.metricsPort}/metrics`);
    return (await metrics.text()).includes(`\n${line}\n`);
  });
const policyEvents = async () =>
  (await auditRows(world, 'signer-0'))
    .filter(({ event }) => event.eventName === 'SetPolicy')
    .map(({ event: { requestParameters, errorCode } }) => [requestParameters?.['policyVersion'], errorCode]);

test('a key without a kms custody stays on its seed, whatever its flag asks for', async () => {
  await world.setFlags(EVM_ON_KMS);
  await shows('countersign_key_custody_path_pending{key="treasury-evm"} 1');
  expect(await sign()).toBe(CustodyPath.LEGACY);
});

test('a keys file that changes without a higher version of the policy is refused, as an event', async () => {
  await writeKeys();
  await shows('countersign_policy_errors_total 1');
  expect(await policyEvents()).toEqual([
    [1, undefined],
    [1, 'POLICY_REFUSED'],
  ]);
  expect(await sign()).toBe(CustodyPath.LEGACY);
});

test('with one, the signer that runs takes the new custody, and follows the flag that waited for it', async () => {
  await world.setPolicy((document) => ({ ...document, version: 2 }));
  await shows('countersign_policy_version 2');
  await shows('countersign_key_custody_path{key="treasury-evm",path="kms"} 1');
  expect(await sign()).toBe(CustodyPath.KMS);
  expect((await policyEvents()).at(-1)).toEqual([2, undefined]);
});

test('a custody that holds another key refuses the whole bundle, before any replica is bound to it', async () => {
  await writeKeys((keys) => {
    const { legacy } = keys['treasury-evm'].custodies;
    const kms = { backend: 'aws-kms', key: 'alias/treasury-stellar' };
    return { ...keys, 'treasury-evm': { ...keys['treasury-evm'], custodies: { legacy, kms } } };
  });
  await shows('countersign_policy_errors_total 2');
  await world.setPolicy((document) => ({ ...document, version: 3 }));
  await shows('countersign_policy_errors_total 3');
  expect(await sign()).toBe(CustodyPath.KMS);
  expect((await policyEvents()).at(-1)).toEqual([2, undefined]);
});
