import { type Postgres, startPostgres } from '@countersign/dev/postgres';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runWith } from '../../testing/run.ts';

let postgres: Postgres<'api'>;

beforeAll(async () => {
  postgres = await startPostgres({ databases: ['api'] });
});
afterAll(() => postgres.stop());

const freeze = (env: NodeJS.ProcessEnv) => runWith(env, 'freeze', 'treasury-evm', '--reason', 'because');

describe('a key is not frozen, and DATABASE_URL is named,', () => {
  test('where there is none', async () => {
    expect(await freeze({})).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^DATABASE_URL: expected the signer’s database\nusage: signerctl freeze KEY/),
    });
  });

  test('where nobody listens', async () => {
    expect(await freeze({ DATABASE_URL: 'postgres://signer:secret@127.0.0.1:1/signer' })).toEqual({
      code: 2,
      out: '',
      err: 'DATABASE_URL: cannot connect: connect ECONNREFUSED 127.0.0.1:1\n',
    });
  });

  test('where the database is another one', async () => {
    expect(await freeze({ DATABASE_URL: postgres.urls.api })).toEqual({
      code: 2,
      out: '',
      err: 'DATABASE_URL: expected the signer’s database: relation "keys" does not exist\n',
    });
  });
});
