import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { isDatabaseUnavailable } from './database-unavailable.ts';

const withCode = (code: string) => Object.assign(new Error('any'), { code });

describe('a database error', () => {
  test.each([
    withCode('ECONNREFUSED'),
    withCode('57P01'), // admin_shutdown
    withCode('57P03'), // cannot_connect_now
    withCode('53300'), // too_many_connections
    withCode('08006'), // connection_failure
    withCode('25006'), // read_only_sql_transaction, after a failover
    withCode('25P03'), // idle_in_transaction_session_timeout
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
    new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]),
  ])('says the database cannot serve now: %p', (error) => {
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  test.each([
    withCode('23505'),
    withCode('42P01'),
    new Error('other'),
    new AggregateError([]),
    new AggregateError([withCode('ECONNREFUSED'), new Error('other')]),
    'ECONNREFUSED',
    undefined,
  ])('says something else: %p', (error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });

  test('of a server that is not there is recognised as the driver throws it', async () => {
    const client = new pg.Client({ connectionString: 'postgres://a:b@127.0.0.1:1/c' });
    const error: unknown = await client.connect().catch((thrown: unknown) => thrown);
    expect(isDatabaseUnavailable(error)).toBe(true);
  });
});
