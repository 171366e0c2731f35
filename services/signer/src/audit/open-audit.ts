import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';
import { checkpointLine } from '@countersign/audit/line';
import { CountersignError } from '@countersign/contract/errors';
import { ConfigError } from '@countersign/runtime/config';
import type { Logger } from '@countersign/runtime/log';
import type { Pool } from '@countersign/runtime/postgres';
import type { Registry } from 'prom-client';
import type { AuditConfig } from './audit-config.ts';
import { type AuditMetrics, auditMetrics } from './audit-metrics.ts';
import { type ChainLease, openAuditChain } from './chain-lease.ts';
import { checkExported } from './check-exported.ts';
import { openCursor, readCheckpoint } from './cursor.ts';
import { type Exporter, exportChain } from './export-chain.ts';
import { createExportLag, type ExportLag } from './export-lag.ts';
import { createFileSink } from './file-sink.ts';
import { followCheckpoints } from './follow-checkpoints.ts';
import type { Sink } from './sink.ts';
import { createStreamSink } from './stream-sink.ts';

const CLOSE_MS = 5_000;

/** The audit log of this replica, beyond its rows: whose chain it is, where it goes, who vouches for it. */
export interface Audit {
  readonly lease: ChainLease;
  /** The chain has come to `height`. To be told after each commit. */
  appended(height: bigint): void;
  /**
   * To be asked before anything is reserved; it costs nothing.
   * @throws CountersignError AUDIT_BEHIND where a sink is behind by more than the configuration allows.
   */
  assertExported(): void;
  /** @throws CountersignError while nothing may be signed because of the audit log. */
  assertReady(): void;
  /** Signs a last checkpoint, lets the sinks have what is left, and gives the chain back. To be called after the last append. */
  close(): Promise<void>;
}

export interface AuditParts {
  readonly pool: Pool;
  readonly chain: string;
  readonly config: AuditConfig;
  readonly registry: Registry;
  readonly log: Logger;
  /** In the place of standard output. */
  readonly stdout?: Writable;
}

/** @throws ConfigError: the chain is another process's, the database is behind its own log, a sink cannot be written to. */
export async function openAudit({ pool, chain, config, registry, log, stdout }: AuditParts): Promise<Audit> {
  const lags = new Map<string, ExportLag>();
  const metrics = auditMetrics(registry, lags);
  const lease = await openAuditChain(pool, chain, {
    onLost: (problem) => {
      metrics.leaseLost.set(1);
      log.fatal({ chain }, `${problem}: nothing is signed any more`);
    },
    onError: (err) => log.warn({ err, chain }, 'the lease of the audit chain was not renewed'),
  });
  const exporters: Exporter[] = [];
  try {
    if (config.file !== undefined) await checkExported(pool, config.file, config.checkpointKey);
    const head = await readSequence(pool, chain);
    for (const make of sinksOf(config, stdout ?? process.stdout)) {
      const { name, exporter, lag } = await follow({ pool, lease, log, metrics }, make);
      lag.appended(head);
      lags.set(name, lag);
      exporters.push(exporter);
    }
  } catch (error) {
    await Promise.all(exporters.map((exporter) => exporter.close()));
    await lease.release();
    throw error;
  }
  const checkpoints =
    config.checkpointKey &&
    followCheckpoints({
      pool,
      key: config.checkpointKey,
      everySeconds: config.checkpointSeconds,
      onLast: ({ number, writtenAt }) => {
        metrics.checkpointNumber.set(Number(number));
        metrics.checkpointTime.set(writtenAt.getTime() / 1_000);
      },
      onError: (err) => {
        metrics.checkpointFailures.inc();
        log.error({ err }, 'no checkpoint written');
      },
    });

  const assertExported = (): void => {
    for (const [sink, lag] of lags) {
      if (lag.events() > config.maxLagEvents || lag.seconds() > config.maxLagSeconds) throw behind(sink, lag);
    }
  };
  return {
    lease,
    appended: (height) => {
      for (const lag of lags.values()) lag.appended(height);
      for (const exporter of exporters) exporter.wake();
      checkpoints?.appended(height);
    },
    assertExported,
    assertReady: () => {
      lease.assertHeld();
      assertExported();
    },
    close: async () => {
      const finish = async () => {
        if (!lease.lost) await checkpoints?.close();
        await Promise.all(exporters.map((exporter) => exporter.close()));
      };
      const finished = finish().catch((err: unknown) => log.error({ err }, 'the audit log was not closed'));
      await Promise.race([finished, delay(CLOSE_MS, undefined, { ref: false })]);
      await lease.release().catch((err: unknown) => log.warn({ err, chain }, 'the audit chain was not given back'));
    },
  };
}

/** What each sink needs to know: the lines that a new file begins with. */
type MakeSink = (opening: () => string) => Sink;

function sinksOf({ file, stdout }: AuditConfig, stream: Writable): MakeSink[] {
  return [
    ...(file === undefined ? [] : [(opening: () => string) => createFileSink(file, opening)]),
    ...(stdout ? [() => createStreamSink(stream)] : []),
  ];
}

async function follow(
  { pool, lease, log, metrics }: { pool: Pool; lease: ChainLease; log: Logger; metrics: AuditMetrics },
  make: MakeSink,
): Promise<{ name: string; exporter: Exporter; lag: ExportLag }> {
  let last = '';
  const sink = make(() => last);
  const { name } = sink;
  metrics.exportFailures.inc({ sink: name }, 0);
  const cursor = await openCursor(pool, lease.chain, name);
  const checkpoint = await readCheckpoint(pool, cursor.checkpoint);
  if (checkpoint !== undefined) last = checkpointLine(checkpoint);
  await sink.open().catch((cause: unknown) => {
    const problem = `cannot be written to (${types.isNativeError(cause) && 'code' in cause ? cause.code : 'unknown'})`;
    throw new ConfigError([{ where: `AUDIT_${name.toUpperCase()}`, problem }]);
  });
  const lag = createExportLag(() => performance.now());
  lag.exported(cursor.sequence);
  const exporter = exportChain({
    pool,
    chain: lease.chain,
    sink,
    cursor,
    lag,
    isLost: () => lease.lost,
    onCheckpoint: (line) => {
      last = line;
    },
    onError: (err) => {
      metrics.exportFailures.inc({ sink: name });
      log.error({ err, sink: name }, 'audit events not exported; tried again');
    },
  });
  return {
    name,
    lag,
    exporter: {
      wake: exporter.wake,
      close: async () => {
        await exporter.close();
        await sink.close();
      },
    },
  };
}

async function readSequence(pool: Pool, chain: string): Promise<bigint> {
  const { rows } = await pool.query<{ sequence: bigint }>('select sequence from audit_chains where chain_id = $1', [
    chain,
  ]);
  return rows[0]?.sequence ?? 0n;
}

function behind(sink: string, lag: ExportLag): CountersignError {
  const by = `${lag.events()} events, the oldest ${Math.round(lag.seconds())} s old`;
  return new CountersignError('AUDIT_BEHIND', `the audit sink ${sink} is behind by ${by}`);
}
