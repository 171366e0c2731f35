import { latencyBuckets } from '@countersign/runtime/metrics';
import { Counter, Histogram, type Registry } from 'prom-client';

export type Stage = 'build' | 'sign' | 'submit' | 'confirm' | 'work';

export interface EngineMetrics {
  /** A payout reached a status. */
  readonly transitions: Counter<'chain' | 'status'>;
  readonly build: Histogram<'chain' | 'outcome'>;
  readonly sign: Histogram<'chain' | 'outcome'>;
  readonly submit: Histogram<'chain' | 'outcome'>;
  readonly confirm: Histogram<'chain' | 'outcome'>;
  readonly errors: Counter<'chain' | 'stage'>;
  /** Something that a person must look at: a channel, a key or a payout was set aside. */
  readonly alarms: Counter<'chain' | 'reason'>;
}

// Minutes on a chain with slow finality.
const CONFIRM_BUCKETS = [0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600];

/** The engine's own metrics. Labels are bounded sets: chains of the configuration, statuses, outcomes by name. */
export function createEngineMetrics(registry: Registry): EngineMetrics {
  const registers = [registry];
  const seconds = <const Name extends string>(
    name: string,
    help: string,
    labelNames: Name[],
    buckets = latencyBuckets,
  ) => new Histogram({ name, help, labelNames, buckets: [...buckets], registers });
  return {
    transitions: new Counter({
      name: 'countersign_payout_transitions_total',
      help: 'Payouts that reached a status',
      labelNames: ['chain', 'status'],
      registers,
    }),
    build: seconds('countersign_build_seconds', 'To plan, build and store a transaction', ['chain', 'outcome']),
    sign: seconds('countersign_sign_seconds', "The signer's answer, as the API sees it", ['chain', 'outcome']),
    submit: seconds('countersign_submit_seconds', "The node's answer to a transaction", ['chain', 'outcome']),
    confirm: seconds(
      'countersign_confirm_seconds',
      'From the first submission to finality',
      ['chain', 'outcome'],
      CONFIRM_BUCKETS,
    ),
    errors: new Counter({
      name: 'countersign_engine_errors_total',
      help: 'Steps that failed and are tried again',
      labelNames: ['chain', 'stage'],
      registers,
    }),
    alarms: new Counter({
      name: 'countersign_engine_alarms_total',
      help: 'Channels, keys and payouts set aside for a person to look at',
      labelNames: ['chain', 'reason'],
      registers,
    }),
  };
}

/** Times `run`; its outcome is what `outcomeOf` says of the result, or `error` when it throws. */
export async function timed<Labels extends 'chain' | 'outcome', Result>(
  histogram: Histogram<Labels | 'chain' | 'outcome'>,
  chain: string,
  run: () => Promise<Result>,
  outcomeOf: (result: Result) => string = () => 'succeeded',
): Promise<Result> {
  const start = performance.now();
  const observe = (outcome: string) => histogram.observe({ chain, outcome }, (performance.now() - start) / 1000);
  try {
    const result = await run();
    observe(outcomeOf(result));
    return result;
  } catch (error) {
    observe('error');
    throw error;
  }
}
