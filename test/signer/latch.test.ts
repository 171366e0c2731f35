import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CustodyPath } from '@countersign/contract/signer';
import { flagsDocument, type Paths, SEED_VARIABLES, toYaml } from '@countersign/dev/configuration';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { evmRequest } from '../harness/requests.ts';
import { ON_KMS, ON_LEGACY, openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

let world: SignerWorld;
let nonce = 0n;
beforeAll(async () => {
  world = await openSignerWorld({ paths: ON_KMS });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** A replica with a flags file of its own, and the seeds in its environment where it is on them. */
async function start(name: string, paths: Paths): Promise<Replica> {
  const file = join(world.dir, `${name}.yaml`);
  await writeFile(file, toYaml(flagsDocument(paths)));
  const { stellar, evm } = world.keys;
  const seeds = { [SEED_VARIABLES['treasury-stellar']]: stellar.seed, [SEED_VARIABLES['treasury-evm']]: evm.seed };
  return world.start({ name, env: { FLAGS_FILE: file, ...(paths === ON_LEGACY && seeds) } });
}

async function sign({ client }: Replica): Promise<CustodyPath> {
  const payout = { id: `po_${nonce}` };
  const { custodyPath } = await client.signTransaction(
    evmRequest(world, payout, { nonce }, { lowestOpenNonce: nonce }),
  );
  nonce += 1n;
  return custodyPath;
}

async function setPolicy({ signer }: Replica, version: number, more: object): Promise<void> {
  await world.setPolicy((document) => {
    const keys = Object.entries(document.keys).map(([id, key]) => [id, { ...key, ...more }]);
    return { ...document, version, keys: Object.fromEntries(keys) };
  });
  await until(`version ${version} is in force`, async () => {
    const metrics = await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`);
    return (await metrics.text()).includes(`\ncountersign_policy_version ${version}\n`);
  });
}

test('a way back that policy let one replica go is none for another, once policy has closed it', async () => {
  const stays = await start('stays', ON_KMS);
  await setPolicy(stays, 2, { allow_legacy: true });
  const goes = await start('goes', ON_LEGACY);
  expect([await sign(goes), await sign(stays)]).toEqual([CustodyPath.LEGACY, CustodyPath.KMS]);
  await goes.signer[Symbol.asyncDispose]();
  await setPolicy(stays, 3, {});
  await stays.signer[Symbol.asyncDispose]();
  for (const name of ['stays', 'goes']) {
    await expect(start(name, ON_LEGACY)).rejects.toThrow(/it has been on kms since .*: legacy needs allow_legacy/);
  }
  expect(await sign(await start('stays', ON_KMS))).toBe(CustodyPath.KMS);
});
