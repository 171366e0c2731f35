import { spawnKms, spawnSigner } from '../harness/processes.ts';
import { openSignerWorld } from '../harness/signers.ts';
import { everythingOn } from './everything-on.ts';
import { closedLoop, type Latencies, median, openLoop, percentile } from './load.ts';
import { readStages, type StageTimes, stagesBetween } from './stages.ts';
import { kmsCalls, openKmsBackend, signCalls } from './workload.ts';

export interface Plan {
  readonly seconds: number;
  readonly rounds: number;
  /** Calls a second of the open loop. */
  readonly rate: number;
  readonly inFlight: readonly number[];
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** All times in milliseconds; each figure is the median of the rounds. */
export interface Measurement {
  readonly kmsLatencyMs: number;
  readonly alone: Percentiles;
  readonly through: Percentiles;
  /** Of the differences round by round, so that a machine that drifts does not count. */
  readonly overhead: Percentiles;
  readonly stages: readonly StageTimes[];
  /** Signatures a second. */
  readonly throughput: readonly {
    readonly inFlight: number;
    readonly median: number;
    readonly min: number;
    readonly max: number;
  }[];
}

const WARM_UP_SECONDS = 6;
/** More than is ever asked for: AWS raises its own on request. */
const QUOTA = '100000';

/** Measures one signer process over a KMS whose answers take at least so long. */
export async function measure(kmsLatencyMs: number, plan: Plan): Promise<Measurement> {
  await using world = await openSignerWorld();
  await using kms = await spawnKms(world, kmsLatencyMs);
  await using signer = await spawnSigner(world, {
    name: 'bench',
    env: {
      AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${kms.port}`,
      KMS_SIGN_PER_SECOND: QUOTA,
      ...(await everythingOn(world)),
    },
  });
  const client = world.connect(signer);
  const backend = await openKmsBackend(world, kms);
  const { rate, seconds } = plan;
  const rounds = <T>(run: () => Promise<T>) => oneByOne(plan.rounds, run);

  // Warm up: connections, and code that V8 has had the time to compile.
  await openLoop(rate, signCalls(world, client, rate * WARM_UP_SECONDS));
  await openLoop(rate, kmsCalls(backend, rate));

  const before = await readStages(signer.metricsPort);
  const latencies = await rounds(async () => ({
    alone: await openLoop(rate, kmsCalls(backend, rate * seconds)),
    through: await openLoop(rate, signCalls(world, client, rate * seconds)),
  }));
  const stages = stagesBetween(before, await readStages(signer.metricsPort));

  const throughput = [];
  for (const inFlight of plan.inFlight) {
    // As many calls as will take about so long, from a short run before.
    const rate = await closedLoop(inFlight, signCalls(world, client, 100 + 2 * inFlight));
    const count = Math.ceil(rate * seconds);
    const rates = await rounds(() => closedLoop(inFlight, signCalls(world, client, count)));
    throughput.push({ inFlight, median: median(rates), min: Math.min(...rates), max: Math.max(...rates) });
  }
  await backend.close();
  return {
    kmsLatencyMs,
    alone: middle(latencies.map(({ alone }) => percentiles(alone))),
    through: middle(latencies.map(({ through }) => percentiles(through))),
    overhead: middle(latencies.map(({ alone, through }) => difference(percentiles(through), percentiles(alone)))),
    stages,
    throughput,
  };
}

function percentiles(latencies: Latencies): Percentiles {
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

function difference(a: Percentiles, b: Percentiles): Percentiles {
  return { p50: a.p50 - b.p50, p99: a.p99 - b.p99 };
}

function middle(rounds: readonly Percentiles[]): Percentiles {
  return { p50: median(rounds.map(({ p50 }) => p50)), p99: median(rounds.map(({ p99 }) => p99)) };
}

async function oneByOne<T>(count: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await run());
  return results;
}
