import type { SignerClient } from '@countersign/contract/grpc';
import type { Logger } from '@countersign/runtime/log';
import type { Pool } from '@countersign/runtime/postgres';
import type { EngineHooks } from './crash-points.ts';
import type { EngineMetrics } from './metrics.ts';
import type { Timing } from './timing.ts';

/** What every step of the engine needs; built once and passed down. */
export interface EngineContext {
  readonly pool: Pool;
  readonly signer: Pick<SignerClient, 'signTransaction'>;
  readonly metrics: EngineMetrics;
  readonly log: Logger;
  readonly now: () => Date;
  readonly hooks: EngineHooks;
  readonly timing: Timing;
}

/** Unix seconds. */
export function unixTime(context: Pick<EngineContext, 'now'>): bigint {
  return BigInt(Math.floor(context.now().getTime() / 1000));
}
