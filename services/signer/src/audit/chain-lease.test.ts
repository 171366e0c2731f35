import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ChainRow, verifyChain } from '@countersign/audit/chain';
import { anEvent } from '@countersign/audit/testing/an-event';
import { inTransaction } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AuditDatabase, append, openAuditDatabase } from '../../testing/audit-database.ts';
import { appendEvents, linkEvents, readHead } from './audit-log.ts';
import { openAuditChain } from './chain-lease.ts';

let database: AuditDatabase;

beforeAll(async () => {
  database = await openAuditDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const take = (chain: string, options: Parameters<typeof openAuditChain>[2] = {}) =>
  openAuditChain(database.pool, chain, options);

async function rowsOf(chain: string): Promise<ChainRow[]> {
  const { rows } = await database.pool.query<ChainRow>(
    `select chain_id as chain, sequence, previous_hash as "previousHash", hash, event from audit_events
     where chain_id = $1 order by sequence`,
    [chain],
  );
  return rows;
}

describe('a lease', () => {
  test('refuses a second process under the name while the first renews it', async () => {
    const first = await take('twin', { leaseMs: 400, renewMs: 50 });
    await expect(take('twin', { leaseMs: 400, renewMs: 50 })).rejects.toThrow(
      /^SIGNER_REPLICA: the audit chain twin belongs to a process that is running/,
    );
    expect(first.lost).toBe(false);
    await first.release();
  });

  test('is free at once after a release, and the chain goes on', async () => {
    const first = await take('again');
    await append(database.pool, first, 3);
    await first.release();
    const started = performance.now();
    const second = await take('again');
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(await append(database.pool, second, 2)).toBe(5n);
    expect(verifyChain(await rowsOf('again'))).toMatchObject({ ok: true, head: { sequence: 5n } });
    await second.release();
  });

  test('that ran out is kept while nobody else wants it', async () => {
    const lease = await take('alone', { leaseMs: 1, renewMs: 60_000 });
    await database.pool.query(`select pg_sleep(0.01)`);
    expect(await append(database.pool, lease, 1)).toBe(1n);
    await lease.release();
  });

  test('that another took is lost: nothing is appended, told once, and a release leaves the other alone', async () => {
    let told = 0;
    const first = await take('taken', { leaseMs: 1, renewMs: 60_000, onLost: () => told++ });
    const head = await inTransaction(database.pool, async (client) =>
      appendEvents(client, first, linkEvents(first.chain, await readHead(client, first), [anEvent()])),
    );
    await database.pool.query(`update audit_chains set held_until = clock_timestamp() where chain_id = 'taken'`);
    const second = await take('taken');

    // As a twin would that knows the right head: the token decides, not the head.
    const forked = inTransaction(database.pool, (client) =>
      appendEvents(client, first, linkEvents(first.chain, head, [anEvent()])),
    );
    await expect(forked).rejects.toThrow(/null value in column "chain_id"/);
    expect(() => first.assertHeld()).not.toThrow();
    await expect(append(database.pool, first, 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect([first.lost, told]).toEqual([true, 1]);
    expect(() => first.assertHeld()).toThrow(/another process has taken the audit chain taken/);

    await first.release();
    expect(await append(database.pool, second, 1)).toBe(2n);
    expect(verifyChain(await rowsOf('taken'))).toMatchObject({ ok: true, head: { sequence: 2n } });
    await second.release();
  });

  test('a renewal finds that another took it', async () => {
    const lost = new Promise<void>((resolve) => {
      take('renewed', { leaseMs: 60_000, renewMs: 20, onLost: () => resolve() }).then(
        () => database.pool.query(`update audit_chains set holder = 'another' where chain_id = 'renewed'`),
        () => undefined,
      );
    });
    await lost;
  });

  test('of two that start together only one gets it', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () => take('race', { leaseMs: 400, renewMs: 50 })),
    );
    const taken = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(taken).toHaveLength(1);
    await taken[0]?.release();
  });

  test('of a process that was killed with -9 is waited for, no longer than it lasts', async () => {
    const child = await hold('killed');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const started = performance.now();
    const lease = await take('killed');
    const waited = performance.now() - started;
    expect(waited).toBeGreaterThan(3_000);
    expect(waited).toBeLessThan(6_000);
    expect(await append(database.pool, lease, 1)).toBe(1n);
    await lease.release();
  });
});

async function hold(chain: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../../testing/hold-chain.ts', import.meta.url));
  const args = ['--conditions=@countersign/source', '--disable-warning=ExperimentalWarning', script];
  const child = spawn(process.execPath, [...args, database.url, chain], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}
