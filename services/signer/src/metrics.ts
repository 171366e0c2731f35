import { latencyBuckets } from '@countersign/runtime/metrics';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The signer's metrics. Labels are bounded: registered key ids, chains of the policy, fixed words. */
export function signerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'countersign_sign_requests_total',
      help: 'Requests to sign a transaction, by outcome',
      labelNames: ['key', 'chain', 'outcome'],
      registers,
    }),
    stages: new Histogram({
      name: 'countersign_sign_stage_seconds',
      help: 'Time spent in each stage of a request, failures included',
      labelNames: ['stage', 'custody', 'outcome'],
      buckets: [...latencyBuckets],
      registers,
    }),
    denials: new Counter({
      name: 'countersign_policy_denials_total',
      help: 'Violated rules, by key and reason',
      labelNames: ['key', 'reason'],
      registers,
    }),
    attempts: new Counter({
      name: 'countersign_backend_attempts_total',
      help: 'Calls to key backends, each retry counted',
      labelNames: ['custody', 'outcome'],
      registers,
    }),
    chainHeight: new Gauge({
      name: 'countersign_audit_chain_height',
      help: 'Sequence number of the last audit event of this replica',
      registers,
    }),
    custodyPath: new Gauge({
      name: 'countersign_key_custody_path',
      help: '1 for the path that the next signature of the key takes',
      labelNames: ['key', 'path'],
      registers,
    }),
    custodyPathPending: new Gauge({
      name: 'countersign_key_custody_path_pending',
      help: '1 while the flag of the key asks for another path than the one in force: it was refused, or the database could not be asked',
      labelNames: ['key'],
      registers,
    }),
    circuitOpen: new Gauge({
      name: 'countersign_backend_circuit_open',
      help: '1 while a key backend counts as down and is asked for a trial now and then, and for nothing else',
      labelNames: ['custody'],
      registers,
    }),
    shadows: new Counter({
      name: 'countersign_shadow_signatures_total',
      help: 'Signatures asked of the new custody of a key on `shadow`, by what became of them; `skipped` ones were not asked for',
      labelNames: ['key', 'outcome'],
      registers,
    }),
    spendRemaining: new Gauge({
      name: 'countersign_spend_remaining_ratio',
      help: 'What a window had left when something was last charged to it, 0 to 1; the asset `fee` is the fee budget',
      labelNames: ['key', 'asset', 'window'],
      registers,
    }),
    keyFrozen: new Gauge({
      name: 'countersign_key_frozen',
      help: '1 while an operator has frozen the key: nothing is reserved for it',
      labelNames: ['key'],
      registers,
    }),
    policyVersion: new Gauge({
      name: 'countersign_policy_version',
      help: 'Version of the policy in force in this replica',
      registers,
    }),
    policyErrors: new Counter({
      name: 'countersign_policy_errors_total',
      help: 'Policy bundles that were refused; the one before stays in force',
      registers,
    }),
    policyWaiting: new Gauge({
      name: 'countersign_policy_waiting',
      help: '1 while policy files have changed and the database, or a place of keys, could not be asked about them',
      registers,
    }),
    throttled: new Counter({
      name: 'countersign_wall_throttled_total',
      help: 'Calls refused before they were read: more at once, or lately, than one caller may make',
      labelNames: ['caller', 'reason'],
      registers,
    }),
    connectionsRefused: new Counter({
      name: 'countersign_wall_connections_refused_total',
      help: 'Connections that were not taken, or ended by the signer',
      labelNames: ['reason'],
      registers,
    }),
    tlsReloads: new Counter({
      name: 'countersign_wall_tls_reloads_total',
      help: 'Changes of the certificate files; refused ones leave those before them in force',
      labelNames: ['outcome'],
      registers,
    }),
    flagErrors: new Counter({
      name: 'countersign_flag_errors_total',
      help: 'Flag files that were refused; the state before stays in force',
      registers,
    }),
  };
}

export type SignerMetrics = ReturnType<typeof signerMetrics>;
