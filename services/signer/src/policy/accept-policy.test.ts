import { inTransaction } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AuditDatabase, openAuditDatabase } from '../../testing/audit-database.ts';
import { type Acceptance, acceptPolicy, type PolicyName } from './accept-policy.ts';
import type { PolicyWindow } from './policy-windows.ts';

let database: AuditDatabase;

beforeAll(async () => {
  database = await openAuditDatabase();
  await database.pool.query(`insert into keys (key_id) values ('treasury-evm'), ('treasury-stellar')`);
});
beforeEach(async () => {
  await database.pool.query('truncate policies, spend_counters');
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const NAME: PolicyName = { version: 9, environment: 'production', digest: 'a'.repeat(64) };

function accept(change: Partial<PolicyName> = {}, windows: readonly PolicyWindow[] = []): Promise<Acceptance> {
  return inTransaction(database.pool, (client) => acceptPolicy(client, { ...NAME, ...change }, windows));
}

async function policies(): Promise<bigint> {
  const { rows } = await database.pool.query<{ count: bigint }>('select count(*) from policies');
  return rows[0]?.count ?? -1n;
}

/** Sums as reservations leave them: of each window one. */
async function keepSums(...windows: readonly PolicyWindow[]): Promise<void> {
  for (const { keyId, measure, seconds } of windows) {
    const values = [keyId, measure, seconds];
    await database.pool.query('insert into spend_counters values ($1, $2, $3, 5, 1, now())', values);
  }
}

async function sums(): Promise<PolicyWindow[]> {
  const text = 'select key_id as "keyId", measure, seconds from spend_counters order by key_id, measure, seconds';
  return (await database.pool.query<PolicyWindow>(text)).rows;
}

const FEES: PolicyWindow = { keyId: 'treasury-evm', measure: 'fee', seconds: 60 };

describe('a policy is put in force', () => {
  test('where there is none, and is only confirmed to the replicas after the first', async () => {
    expect(await accept()).toEqual({ accepted: true, isNew: true });
    expect(await accept()).toEqual({ accepted: true, isNew: false });
    const { rows } = await database.pool.query('select version, environment, digest from policies');
    expect(rows).toEqual([{ ...NAME, version: 9n }]);
  });

  test('after any older one: versions are numbers, and may leave some out', async () => {
    await accept();
    expect(await accept({ version: 10, digest: 'b' })).toEqual({ accepted: true, isNew: true });
    expect(await accept({ version: 100, digest: 'c' })).toEqual({ accepted: true, isNew: true });
    expect(await policies()).toBe(3n);
  });

  test('and keeps the sums of the windows that it has, and no others', async () => {
    await accept();
    const others = [
      { ...FEES, seconds: 3_600 },
      { ...FEES, measure: 'eip155:1/slip44:60' },
      { ...FEES, keyId: 'treasury-stellar' },
    ];
    await keepSums(FEES, ...others);
    await accept({ version: 10 }, [FEES, { ...FEES, seconds: 7 }]);
    expect(await sums()).toEqual([FEES]);
  });

  test('and throws all sums away where it has no window', async () => {
    await accept();
    await keepSums(FEES);
    await accept({ version: 10 });
    expect(await sums()).toEqual([]);
  });

  test('and nothing is thrown away where it was in force already', async () => {
    await accept();
    await keepSums(FEES);
    await accept();
    expect(await sums()).toEqual([FEES]);
  });
});

describe('a policy is refused, and nothing changes', () => {
  test.each<[what: string, change: Partial<PolicyName>, problem: string]>([
    ['an older one', { version: 8 }, 'version: expected at least 9, which was accepted before, got 8'],
    [
      'an older one of the same content',
      { version: 1 },
      'version: expected at least 9, which was accepted before, got 1',
    ],
    [
      'another one of the same version',
      { digest: 'b' },
      'version: expected more than 9, which was accepted with other content of POLICY_FILE or KEYS_FILE',
    ],
    [
      'one of another environment',
      { version: 10, environment: 'staging' },
      'environment: expected production, which this database is for, got staging',
    ],
    [
      'the same one of another environment',
      { environment: 'staging' },
      'environment: expected production, which this database is for, got staging',
    ],
  ])('%s', async (_, change, problem) => {
    await accept();
    await keepSums(FEES);
    expect(await accept(change)).toEqual({ accepted: false, problem });
    expect(await policies()).toBe(1n);
    expect(await sums()).toEqual([FEES]);
  });

  test('one that was in force before another', async () => {
    await accept();
    await accept({ version: 10, digest: 'b' });
    expect(await accept()).toMatchObject({ accepted: false });
  });
});

test('it waits for the reservations under way, each of which holds the lock of its key', async () => {
  await accept();
  const done: string[] = [];
  let accepting: Promise<unknown> | undefined;
  await inTransaction(database.pool, async (client) => {
    await client.query(`select from keys where key_id = 'treasury-stellar' for update`);
    accepting = accept({ version: 10 }).then(() => done.push('accepted'));
    // It has come as far as the lock.
    for (let waiting = 0n; waiting === 0n; ) {
      const { rows } = await client.query<{ count: bigint }>(`select count(*) from pg_locks where not granted`);
      waiting = rows[0]?.count ?? 0n;
    }
    const { rows } = await client.query<{ version: bigint }>('select max(version) as version from policies');
    expect(rows).toEqual([{ version: 9n }]);
    done.push('reserved');
  });
  await accepting;
  expect(done).toEqual(['reserved', 'accepted']);
});

test('two replicas that come at once with two policies of one version do not both get theirs', async () => {
  const answers = await Promise.all(['a', 'b', 'a', 'b'].map((digest) => accept({ digest })));
  expect(answers.filter((answer) => answer.accepted && answer.isNew)).toHaveLength(1);
  expect(answers.filter(({ accepted }) => accepted)).toHaveLength(2);
});
