import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toYaml } from '@countersign/dev/configuration';
import { generateKeys } from '@countersign/dev/keys';
import { createPool, type Pool } from '@countersign/runtime/postgres';
import { envToCfg } from '@countersign/signer/config';
import { createSigner } from '@countersign/signer/create-signer';
import { readEnv } from '@countersign/signer/env';
import { openSignerWorld, type SignerWorld } from '../harness/signers.ts';
import { type Attacker, createAttacker, type Ground } from './attacker.ts';
import type { SignerCode } from './replicas.ts';
import { redTeamPolicy, VARIANTS, type Variant } from './rules.ts';

/** One Postgres, one KMS, one set of certificates; each attacker has a database and signers of its own. */
export interface Arena extends AsyncDisposable {
  /** Against signers of this code: as it is, unless said otherwise. Dispose it to stop them. */
  attacker(code?: SignerCode): Promise<Attacker>;
}

export async function openArena(): Promise<Arena> {
  await using opened = new AsyncDisposableStack();
  const keys = generateKeys(3);
  const world = opened.use(await openSignerWorld({ keys }));
  const adminUrl = new URL(world.postgres.adminUrl);
  adminUrl.pathname = 'signer';
  const admin = opened.adopt(createPool({ url: adminUrl.href, max: 1 }), (pool) => pool.end());
  const policies = await writePolicies(world);
  let databases = 0;
  const ground: Omit<Ground, 'code'> = {
    world,
    policies,
    newDatabase: () => newDatabase(admin, world, `redteam_${++databases}`),
  };
  const kept = opened.move();
  return {
    attacker: (code = { createSigner, envToCfg, readEnv }) => createAttacker({ ...ground, code }, 'plain'),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Where each policy is. */
async function writePolicies({ keys, recipients, dir }: SignerWorld): Promise<Readonly<Record<Variant, string>>> {
  const plain = redTeamPolicy(keys, recipients);
  const write = async (variant: Variant): Promise<string> => {
    const file = join(dir, `policy-${variant}.yaml`);
    await writeFile(file, toYaml(VARIANTS[variant](plain)));
    return file;
  };
  return {
    plain: await write('plain'),
    approvals: await write('approvals'),
    windows: await write('windows'),
    newer: await write('newer'),
  };
}

/**
 * A schema of its own in the signer's database, which stands for a database of its own, and a role that sees no other: unqualified
 * names lie in it.
 */
async function newDatabase(admin: Pool, { postgres }: SignerWorld, name: string): Promise<string> {
  const password = randomBytes(16).toString('hex');
  await admin.query(`create role ${name} login password '${password}'`);
  await admin.query(`create schema ${name} authorization ${name}`);
  await admin.query(`alter role ${name} set search_path = ${name}`);
  await admin.query(`grant connect on database signer to ${name}`);
  const url = new URL(postgres.urls.signer);
  [url.username, url.password] = [name, password];
  return url.href;
}
