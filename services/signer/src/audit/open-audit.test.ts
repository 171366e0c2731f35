import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { verifyChain } from '@countersign/audit/chain';
import { checkpointStatement, keyFingerprint, signCheckpoint } from '@countersign/audit/checkpoint';
import { checkpointLine } from '@countersign/audit/line';
import { createLogger } from '@countersign/runtime/log';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { type AuditDatabase, append, openAuditDatabase } from '../../testing/audit-database.ts';
import type { AuditConfig } from './audit-config.ts';
import { readLine } from './exported-line.ts';
import { type Audit, openAudit } from './open-audit.ts';

const pair = generateKeyPairSync('ed25519');
const fingerprint = keyFingerprint(pair.publicKey);
const checkpointKey = {
  privateKey: pair.privateKey,
  fingerprint,
  known: new Map([[fingerprint, pair.publicKey]]),
};

let database: AuditDatabase;
let dir: string;
let file: string;
let registry: Registry;

beforeAll(async () => {
  database = await openAuditDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await database.clear();
  dir = await mkdtemp(join(tmpdir(), 'countersign-audit-'));
  file = join(dir, 'audit.jsonl');
});
afterEach(() => rm(dir, { recursive: true }));

const DEFAULTS = {
  stdout: false,
  maxLagEvents: 1_000n,
  maxLagSeconds: 60,
  checkpointKey,
  checkpointSeconds: 3_600,
};

function open(changes: Partial<AuditConfig> = {}, chain = 'signer-0', stdout?: Writable): Promise<Audit> {
  registry = new Registry();
  const log = createLogger({ service: 'test', level: 'silent' });
  const config = { ...DEFAULTS, file, ...changes };
  return openAudit({ pool: database.pool, chain, config, registry, log, ...(stdout && { stdout }) });
}

async function grow(audit: Audit, count: number): Promise<void> {
  audit.appended(await append(database.pool, audit.lease, count));
}

/** The lines of a file by their kind and number: `3` is event 3, `#1` checkpoint 1. */
async function kinds(path = file): Promise<string[]> {
  return linesOf(await readFile(path, 'utf8')).map((text) => {
    const line = readLine(text);
    if (line === undefined) return `? ${text}`;
    return line.kind === 'event' ? `${line.sequence}` : `#${line.checkpoint.number}`;
  });
}

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await condition()); await setTimeout(10)) {
    if (Date.now() > end) throw new Error(`not within 10 s: ${what}`);
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1}`);

describe('what is exported', () => {
  test('every event in its order, and a last checkpoint behind what it covers', async () => {
    const audit = await open();
    await grow(audit, 3);
    await until('it is in the file', async () => (await kinds()).length === 3);
    await grow(audit, 600);
    await audit.close();
    expect(await kinds()).toEqual([...upTo(603), '#1']);
    const rows = linesOf(await readFile(file, 'utf8')).map((line) => JSON.parse(line));
    const events = rows.slice(0, -1).map((row) => ({ ...row, sequence: BigInt(row.sequence) }));
    expect(verifyChain(events)).toMatchObject({ ok: true, head: { sequence: 603n } });
  });

  test('goes on where it was, over a restart and in a new file', async () => {
    const first = await open();
    await grow(first, 2);
    await first.close();
    await rename(file, `${file}.1`);
    const second = await open();
    await grow(second, 2);
    await second.close();
    expect(await kinds(`${file}.1`)).toEqual(['1', '2', '#1']);
    // So that the file alone shows a database that is behind.
    expect(await kinds()).toEqual(['#1', '3', '4', '#2']);
  });

  test('after a crash some lines come twice, exactly as they were', async () => {
    const audit = await open();
    await grow(audit, 4);
    await audit.close();
    await database.pool.query('update audit_cursors set sequence = 2, checkpoint = 0');
    await writeFile(file, '{"chain":"signer-0","sequ', { flag: 'a' });
    await (await open()).close();
    expect(await kinds()).toEqual(['1', '2', '3', '4', '#1', '3', '4', '#1']);
    expect(new Set(linesOf(await readFile(file, 'utf8'))).size).toBe(5);
  });

  test('events that were there before the sink was, and checkpoints from then on', async () => {
    const before = await open({ file: undefined });
    await grow(before, 2);
    await before.close();
    const audit = await open();
    await grow(audit, 1);
    await audit.close();
    expect(await kinds()).toEqual(['#1', '1', '2', '3', '#2']);
  });

  test('each replica has its own events, and the checkpoints of all', async () => {
    const other = join(dir, 'other.jsonl');
    const [one, two] = [await open(), await open({ file: other }, 'signer-1')];
    await grow(one, 2);
    await grow(two, 3);
    await one.close();
    await two.close();
    expect(await kinds()).toEqual(['1', '2', '#1']);
    expect(await kinds(other)).toEqual(['1', '2', '3', '#1']);
  });

  test('the same on standard output', async () => {
    let text = '';
    const stdout = new Writable({
      write: (chunk, _, done) => {
        text += chunk;
        done();
      },
    });
    const audit = await open({ stdout: true }, 'signer-0', stdout);
    await grow(audit, 3);
    await audit.close();
    expect(text).toBe(await readFile(file, 'utf8'));
    expect(linesOf(text).every((line) => /^\{"(chain|checkpoint)":/.test(line))).toBe(true);
  });
});

describe('a sink that is behind stops signing', () => {
  /** A pipe that nobody reads, until it is told to. */
  function stuckPipe() {
    const waiting: (() => void)[] = [];
    let open = false;
    return {
      stdout: new Writable({
        write: (_chunk, _, done) => {
          if (open) done();
          else waiting.push(() => done());
        },
      }),
      unblock: () => {
        open = true;
        for (const done of waiting) done();
      },
    };
  }
  const asked = (audit: Audit) => {
    try {
      audit.assertExported();
      return 'exported';
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
  };

  test('by events, until it has caught up', async () => {
    const { stdout, unblock } = stuckPipe();
    const audit = await open({ file: undefined, stdout: true, maxLagEvents: 5n }, 'signer-0', stdout);
    await grow(audit, 5);
    expect(asked(audit)).toBe('exported');
    await grow(audit, 1);
    expect(asked(audit)).toBe('AUDIT_BEHIND');
    expect(() => audit.assertReady()).toThrow(/the audit sink stdout is behind by 6 events/);
    expect(await registry.metrics()).toMatch(/countersign_audit_export_lag_events\{sink="stdout"\} 6/);
    unblock();
    await until('it has caught up', () => asked(audit) === 'exported');
    audit.assertReady();
    await audit.close();
  });

  test('by age', async () => {
    const { stdout, unblock } = stuckPipe();
    const audit = await open({ file: undefined, stdout: true, maxLagSeconds: 0.2 }, 'signer-0', stdout);
    await grow(audit, 1);
    await until('it is too old', () => asked(audit) === 'AUDIT_BEHIND');
    unblock();
    await until('it has caught up', () => asked(audit) === 'exported');
    await audit.close();
  });

  test('a failed write is counted, and tried again', async () => {
    const audit = await open();
    await rename(dir, `${dir}-away`);
    await grow(audit, 1);
    await until('it is counted', async () =>
      (await registry.metrics()).includes('countersign_audit_export_failures_total{sink="file"} 1'),
    );
    await rename(`${dir}-away`, dir);
    await until('it is there', async () => (await kinds()).length === 1);
    await audit.close();
  });
});

describe('a start is refused', () => {
  /** A log of two replicas: 5 events and 3, and the checkpoint over both. */
  async function history(): Promise<void> {
    const [one, two] = [await open(), await open({ file: undefined }, 'signer-1')];
    await grow(two, 3);
    await grow(one, 5);
    await two.close();
    await one.close();
    expect(await kinds()).toEqual([...upTo(5), '#1']);
  }
  const restoreTo = async (chain: string, sequence: number): Promise<void> => {
    await database.pool.query('delete from audit_events where chain_id = $1 and sequence > $2', [chain, sequence]);
    await database.pool.query(
      `update audit_chains set sequence = $2, hash = coalesce(
         (select hash from audit_events where chain_id = $1 and sequence = $2), repeat('0', 64)) where chain_id = $1`,
      [chain, sequence],
    );
  };

  test('over a database that is behind the last checkpoint, in any chain', async () => {
    await history();
    await restoreTo('signer-1', 2);
    await expect(open()).rejects.toThrow(
      /^DATABASE_URL: the database is behind .* chain signer-1 had come to event 3, says checkpoint 1; here it ends at 2; .*runbooks\/audit\.md\)$/,
    );
    // Without a key no checkpoint is a witness, and the chain in the file is whole.
    await (await open({ checkpointKey: undefined })).close();
  });

  test('over one that is behind the last event in the file', async () => {
    await history();
    const audit = await open({ checkpointKey: undefined });
    await grow(audit, 2);
    await audit.close();
    await restoreTo('signer-0', 6);
    const problem = /chain signer-0 had come to event 7, says the last event in the file; here it ends at 6/;
    await expect(open()).rejects.toThrow(problem);
    await expect(open({ checkpointKey: undefined })).rejects.toThrow(problem);
  });

  test('over one that went on otherwise since, or is another', async () => {
    await history();
    await restoreTo('signer-0', 4);
    const other = await open({ file: undefined });
    await grow(other, 4);
    await other.close();
    await expect(open()).rejects.toThrow(/chain signer-0 had come to event 5, .*; here that event is another one/);
    await database.clear();
    await expect(open()).rejects.toThrow(/chain signer-0 had come to event 5, .*; here it ends at 0/);
  });

  test('and leaves the chain free, so that it starts once the right database is there', async () => {
    await history();
    await copyFile(file, `${file}.copy`);
    await writeFile(file, (await readFile(file, 'utf8')).replace('"sequence":"5"', '"sequence":"7"'));
    await writeFile(
      file,
      linesOf(await readFile(file, 'utf8'))
        .slice(0, -1)
        .join('\n')
        .concat('\n'),
    );
    await expect(open()).rejects.toThrow(/event 7/);
    await rename(`${file}.copy`, file);
    const started = performance.now();
    await (await open()).close();
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('with a file whose checkpoint is not signed, or by a key that is not known', async () => {
    await history();
    const text = await readFile(file, 'utf8');
    const line = readLine(linesOf(text).at(-1) ?? '');
    if (line?.kind !== 'checkpoint') throw new Error('expected a checkpoint');
    await writeFile(file, text.replace(/"signature":"../, '"signature":"xx'));
    await expect(open()).rejects.toThrow('AUDIT_FILE: the signature of checkpoint 1 is not valid');

    const stranger = generateKeyPairSync('ed25519').privateKey;
    const statement = checkpointStatement({ ...line.checkpoint, key: keyFingerprint(stranger) });
    await writeFile(file, checkpointLine({ statement, signature: signCheckpoint(statement, stranger) }));
    await expect(open()).rejects.toThrow(/AUDIT_CHECKPOINT_KEY_FILE: .* put its public key behind the private one/);
  });

  test('with a file that cannot be written to, and leaves the chain free', async () => {
    const problem = 'AUDIT_FILE: cannot be written to (ENOENT)';
    await expect(open({ file: join(dir, 'nowhere', 'audit.jsonl') })).rejects.toThrow(problem);
    await (await open()).close();
  });

  test('with a file that no signer has written', async () => {
    await writeFile(file, 'hello\n');
    await expect(open()).rejects.toThrow(/^AUDIT_FILE: a line that no signer has written: hello/);
  });
});
