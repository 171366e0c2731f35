import type { SignerClient } from '@countersign/contract/grpc';
import type { Logger } from '@countersign/runtime/log';
import type { Pool } from '@countersign/runtime/postgres';
import type { Registry } from 'prom-client';
import type { ChainsConfig, EvmChainConfig, StellarChainConfig } from '../config/chains.ts';
import type { EngineContext } from './context.ts';
import { type EngineHooks, NO_HOOKS } from './crash-points.ts';
import { accountUnit } from './evm/context.ts';
import { createEvmRpc } from './evm/rpc.ts';
import { stepAccount } from './evm/step-account.ts';
import { createRpcCall } from './json-rpc.ts';
import { createEngineMetrics } from './metrics.ts';
import type { Next } from './next.ts';
import { createScheduler, type Unit } from './scheduler.ts';
import { channelUnit, intakeUnit, type StellarContext } from './stellar/context.ts';
import { stepIntake } from './stellar/intake.ts';
import { createStellarRpc } from './stellar/rpc.ts';
import { stepChannel } from './stellar/step-channel.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';

export interface EngineDeps {
  /** One connection is held as long as the engine runs; each step needs another for moments. */
  readonly pool: Pool;
  readonly chains: ChainsConfig;
  readonly signer: Pick<SignerClient, 'signTransaction'>;
  readonly metrics: Registry;
  readonly log: Logger;
  readonly now?: () => Date;
  readonly timing?: Partial<Timing>;
  /** Called at every boundary named in CRASH_POINTS. */
  readonly hooks?: EngineHooks;
}

export interface Engine {
  start(): void;
  /** Resolves when the steps under way are done; what is left goes on at the next start, here or elsewhere. */
  stop(): Promise<void>;
}

/**
 * Takes payouts from `created` to their end. Its state is rows in Postgres alone: any number of engines may share a
 * database, and one that is killed at any point is followed by another that pays nothing twice.
 */
export function createEngine(deps: EngineDeps): Engine {
  const timing = { ...DEFAULT_TIMING, ...deps.timing };
  const context: EngineContext = {
    pool: deps.pool,
    signer: deps.signer,
    metrics: createEngineMetrics(deps.metrics),
    log: deps.log,
    now: deps.now ?? (() => new Date()),
    hooks: deps.hooks ?? NO_HOOKS,
    timing,
  };
  const units = deps.chains.chains.flatMap((chain) =>
    chain.kind === 'stellar' ? stellarUnits(context, chain) : evmUnits(context, chain),
  );
  return createScheduler({ pool: deps.pool, units, timing, log: deps.log });
}

function stellarUnits(base: EngineContext, chain: StellarChainConfig): Unit[] {
  const rpc = createStellarRpc(createRpcCall(chain.rpcUrl, base.timing.rpcTimeoutMs));
  return chain.treasuries.flatMap((treasury) => {
    const context: StellarContext = { ...base, chain, treasury, rpc };
    return [
      unit(context, chain.chain, intakeUnit(chain.chain, treasury.key), true, () => stepIntake(context)),
      ...treasury.channels.map((channel) =>
        unit(context, chain.chain, channelUnit(chain.chain, channel), false, () => stepChannel(context, channel)),
      ),
    ];
  });
}

function evmUnits(base: EngineContext, chain: EvmChainConfig): Unit[] {
  const rpc = createEvmRpc(createRpcCall(chain.rpcUrl, base.timing.rpcTimeoutMs));
  return chain.treasuries.map((treasury) => {
    const context = { ...base, chain, treasury, rpc };
    return unit(context, chain.chain, accountUnit(chain.chain, treasury.address), true, () => stepAccount(context));
  });
}

function unit(
  { metrics, log }: EngineContext,
  chain: string,
  name: string,
  takesPayouts: boolean,
  step: () => Promise<Next>,
): Unit {
  return {
    name,
    takesPayouts,
    step,
    failed: (error) => {
      metrics.errors.inc({ chain, stage: 'work' });
      log.error({ err: error, unit: name }, 'a step of the engine failed');
    },
  };
}
