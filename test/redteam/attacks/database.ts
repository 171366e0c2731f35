import { createPool } from '@countersign/runtime/postgres';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';

/** Statements by the API's role, in its own database unless said otherwise. */
interface Attempt {
  readonly sql: string;
  readonly database?: 'signer';
  /** Of the message that Postgres refuses it with. */
  readonly words: string;
}

const run =
  ({ sql, database, words }: Attempt) =>
  (t: Attacker) =>
    t.disturb(async () => {
      const url = new URL(t.world.postgres.urls.api);
      if (database !== undefined) url.pathname = database;
      const pool = createPool({ url: url.href, max: 1 });
      try {
        const { rows } = await pool.query(sql);
        return `answered: ${JSON.stringify(rows)}`;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return message.includes(words) ? words : message;
      } finally {
        await pool.end();
      }
    });

const ROLES = 'a database and a role of its own';

/** From the API's database to the signer's, where one Postgres has both, as in the dev stack. */
export const DATABASE = attacks<Attempt>('database', 'C1', run, [
  [
    'database-connect',
    'the API’s role in the signer’s database',
    ROLES,
    'permission denied for database',
    { sql: 'select 1', database: 'signer', words: 'permission denied for database' },
  ],
  [
    'database-role',
    'the API’s role becomes the signer’s',
    ROLES,
    'permission denied to set role',
    { sql: 'set role signer', words: 'permission denied to set role' },
  ],
  [
    'database-session',
    'the API’s session becomes the signer’s',
    ROLES,
    'permission denied to set session authorization',
    { sql: 'set session authorization signer', words: 'permission denied to set session authorization' },
  ],
  [
    'database-password',
    'a new password for the signer’s role',
    ROLES,
    'permission denied to alter role',
    { sql: "alter role signer password 'x'", words: 'permission denied to alter role' },
  ],
  [
    'database-durability',
    'commits of the signer’s role that need not last',
    ROLES,
    'permission denied to alter role',
    { sql: 'alter role signer set synchronous_commit = off', words: 'permission denied to alter role' },
  ],
  [
    'database-fsync',
    'a server that need not write',
    ROLES,
    'permission denied to set parameter',
    { sql: 'alter system set fsync = off', words: 'permission denied to set parameter' },
  ],
  [
    'database-drop',
    'the signer’s database is dropped',
    ROLES,
    'must be owner of database',
    { sql: 'drop database signer', words: 'must be owner of database' },
  ],
  [
    'database-program',
    'a program on the server, by COPY',
    ROLES,
    'permission denied to COPY',
    { sql: "copy (select 1) to program 'id'", words: 'permission denied to COPY' },
  ],
  [
    'database-file',
    'the server’s files',
    ROLES,
    'permission denied for function pg_read_file',
    { sql: "select pg_read_file('global/pg_authid')", words: 'permission denied for function pg_read_file' },
  ],
  [
    'database-extension',
    'an extension that reaches other databases',
    ROLES,
    'permission denied to create extension',
    { sql: 'create extension postgres_fdw', words: 'permission denied to create extension' },
  ],
  [
    'database-terminate',
    'the signer’s connections are ended',
    ROLES,
    'permission denied to terminate process',
    {
      sql: 'select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user',
      words: 'permission denied to terminate process',
    },
  ],
  [
    'database-passwords',
    'the hashes of passwords',
    ROLES,
    'permission denied for table pg_authid',
    { sql: 'select rolpassword from pg_authid', words: 'permission denied for table pg_authid' },
  ],
]);
