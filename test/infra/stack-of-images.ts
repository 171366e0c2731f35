import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPool } from '@countersign/runtime/postgres';
import { type ComposeFile, mountsOf, serviceOf } from './compose-file.ts';
import { type Container, mountInto, startContainer } from './container.ts';
import type { BuiltImage } from './dockerfile/build.ts';

/** `kms:8080` in docker-compose.yml is `127.0.0.1:41045` here, and a service listens where the others look for it. */
export type Addresses = Readonly<Record<string, number>>;

/** The variables of a service as docker-compose.yml gives them, but for names and ports. */
export function environmentOf(file: ComposeFile, name: string, addresses: Addresses): Record<string, string> {
  const entries = Object.entries(serviceOf(file, name).environment).map(([variable, value]) => {
    const own = /_PORT$/.test(variable) ? addresses[`${name}:${value}`] : undefined;
    return [variable, own === undefined ? relocate(value, addresses) : String(own)];
  });
  return Object.fromEntries(entries);
}

/** Replaces every `name:port` that is one of the given ones. */
export function relocate(text: string, addresses: Addresses): string {
  return text.replaceAll(/([a-z][a-z-]*):(\d+)/g, (found) =>
    addresses[found] === undefined ? found : `127.0.0.1:${addresses[found]}`,
  );
}

/** Starts a service of docker-compose.yml: its image, its variables, the volumes that `bootstrap` has filled, its command. */
export function startService(
  file: ComposeFile,
  name: string,
  image: BuiltImage,
  {
    bootstrap,
    addresses,
    without,
  }: {
    /** Holds the volumes, at the places that its service mounts them. */
    readonly bootstrap: BuiltImage;
    readonly addresses: Addresses;
    /** Variables to leave out. */
    readonly without: readonly string[];
  },
): Container {
  const service = serviceOf(file, name);
  const filled = new Map(mountsOf(serviceOf(file, 'bootstrap')).map(({ source, target }) => [source, target]));
  for (const { source, target } of mountsOf(service)) {
    const from = filled.get(source);
    if (from !== undefined) mountInto(image, target, join(bootstrap.root, from));
  }
  for (const scratch of service.tmpfs) mountInto(image, scratch.split(':', 1).join(), 'tmpfs');
  const given = Object.entries(environmentOf(file, name, addresses));
  const env = Object.fromEntries(given.filter(([variable]) => !without.includes(variable)));
  return startContainer(image, { env, ...(service.command === undefined ? {} : { command: service.command }) });
}

/** What the image `postgres` does at its first start with the files of /docker-entrypoint-initdb.d: one statement at a time. */
export async function initializePostgres(adminUrl: string, sqlFile: string): Promise<void> {
  const pool = createPool({ url: adminUrl, max: 1 });
  try {
    for (const statement of readFileSync(sqlFile, 'utf8').split(';\n')) {
      if (statement.trim() !== '') await pool.query(statement);
    }
  } finally {
    await pool.end();
  }
}
