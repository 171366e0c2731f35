import { randomBytes } from 'node:crypto';

/** What one service and its Postgres need to know of each other. */
export interface PostgresFiles {
  /** For the service, as PGPASSFILE names one: host:port:database:user:password. */
  readonly pgpass: string;
  /** For the first start of the image `postgres`, in /docker-entrypoint-initdb.d. */
  readonly initFiles: { readonly 'init.sql': string; readonly 'admin-password': string };
}

/** One role that owns one database of the same name and is no superuser. */
export function postgresFiles(name: 'api' | 'signer'): PostgresFiles {
  const password = randomBytes(16).toString('hex');
  return {
    pgpass: `*:*:${name}:${name}:${password}\n`,
    initFiles: {
      'init.sql': [
        `CREATE ROLE ${name} LOGIN PASSWORD '${password}';`,
        `CREATE DATABASE ${name} OWNER ${name};`,
        `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC;`,
        'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;',
        'REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;',
        '',
      ].join('\n'),
      'admin-password': randomBytes(16).toString('hex'),
    },
  };
}
