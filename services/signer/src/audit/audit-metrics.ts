import { Counter, Gauge, type Registry } from 'prom-client';

/** How the log leaves the database. The label `sink` is `file` or `stdout`. */
export function auditMetrics(registry: Registry, lags: ReadonlyMap<string, { events(): bigint; seconds(): number }>) {
  const registers = [registry];
  new Gauge({
    name: 'countersign_audit_export_lag_events',
    help: 'Events of this replica that a sink has not yet',
    labelNames: ['sink'],
    registers,
    collect() {
      for (const [sink, lag] of lags) this.set({ sink }, Number(lag.events()));
    },
  });
  new Gauge({
    name: 'countersign_audit_export_lag_seconds',
    help: 'Age of the oldest event that a sink has not yet; 0 where it has all',
    labelNames: ['sink'],
    registers,
    collect() {
      for (const [sink, lag] of lags) this.set({ sink }, lag.seconds());
    },
  });
  return {
    exportFailures: new Counter({
      name: 'countersign_audit_export_failures_total',
      help: 'Writes to a sink that failed; each is tried again',
      labelNames: ['sink'],
      registers,
    }),
    leaseLost: new Gauge({
      name: 'countersign_audit_lease_lost',
      help: '1 once another process has taken the audit chain, or the database has lost some of it: nothing is signed any more',
      registers,
    }),
    checkpointNumber: new Gauge({
      name: 'countersign_audit_checkpoint_number',
      help: 'Number of the last checkpoint over all chains, whichever replica signed it',
      registers,
    }),
    checkpointTime: new Gauge({
      name: 'countersign_audit_checkpoint_timestamp_seconds',
      help: 'When the last checkpoint was signed, Unix seconds',
      registers,
    }),
    checkpointFailures: new Counter({
      name: 'countersign_audit_checkpoint_failures_total',
      help: 'Checkpoints that could not be written; each is tried again',
      registers,
    }),
  };
}

export type AuditMetrics = ReturnType<typeof auditMetrics>;
