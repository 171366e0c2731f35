import { spawnSigner } from '../harness/processes.ts';
import type { BenchCustody } from './custodies.ts';
import { everythingOn } from './everything-on.ts';
import { closedLoop, type Latencies, median, openLoop, percentile } from './load.ts';
import { readStages, type StageTimes, stagesBetween } from './stages.ts';
import { kmsCalls, signCalls } from './workload.ts';

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
  readonly custody: string;
  /** Signatures a second of the backend by itself, in this process, at the most in flight. */
  readonly aloneRate: number;
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

/** Measures one signer process over one custody. */
export async function measure(custody: BenchCustody, plan: Plan): Promise<Measurement> {
  const { world, backend } = custody;
  await using signer = await spawnSigner(world, {
    name: 'bench',
    env: { ...custody.env, ...(await everythingOn(world, custody.env)) },
  });
  const client = world.connect(signer);
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
  const callsFor = (count: number) => kmsCalls(backend, count);
  const most = plan.inFlight.at(-1) ?? 1;
  const count = Math.ceil((await closedLoop(most, callsFor(100 + 2 * most))) * seconds);
  const rates = await rounds(() => closedLoop(most, callsFor(count)));
  return {
    custody: custody.name,
    aloneRate: median(rates),
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
