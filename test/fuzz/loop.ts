import { collectGarbage, cpuMs, Times, used } from './measure.ts';
import { Random } from './random.ts';
import { Finding, type Outcome, type Target } from './target.ts';

/** What a run came to. Times in milliseconds of CPU, memory in bytes. */
export interface Report {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  readonly executions: number;
  readonly accepted: number;
  /** Shapes of what was accepted, and reasons of refusal, with how often each came. */
  readonly kinds: ReadonlyMap<string, number>;
  readonly reasons: ReadonlyMap<string, number>;
  /** The 99.99th percentile. */
  readonly slow: number;
  readonly slowest: number;
  /** What the heap grew by, after collecting garbage. */
  readonly growth: number;
  /** The most that one execution allocated, and for how many bytes of input. */
  readonly greediest: { readonly allocated: number; readonly length: number };
}

/** The input that something is wrong with, and at which execution of this seed. */
export class FailedInput extends Error {
  override readonly name = 'FailedInput';
  readonly input: Uint8Array;
  readonly execution: number;

  constructor(input: Uint8Array, execution: number, cause: unknown) {
    super(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), { cause });
    this.input = input;
    this.execution = execution;
  }
}

const HARD_MS = 1_000;
const MAX_CORPUS = 400;
const MAX_KEPT_LENGTH = 16 * 1024;
const MAX_REASONS = 2_000;
const SAMPLE = 64;
const MIB = 1024 * 1024;
// Objects, strings and errors with their stacks, for a short input and for each byte of a long one.
const allowance = (length: number): number => 8 * MIB + 4096 * length;
const MAX_GROWTH = 48 * MIB;

/**
 * Tries changed inputs for so many seconds of CPU. An input that is accepted in a new shape, or refused for a new reason, joins those
 * that are changed further, so that a run finds its way behind the first checks.
 *
 * @param announce is told each input before it is tried
 * @throws FailedInput where something does not hold
 */
export function fuzz(target: Target, seed: number, seconds: number, announce: (input: Uint8Array) => void): Report {
  const random = new Random(seed);
  const corpus = [...target.seeds];
  const kinds = new Map<string, number>();
  const reasons = new Map<string, number>();
  const times = new Times();
  let executions = 0;
  let accepted = 0;
  let greediest = { allocated: 0, length: 0 };
  collectGarbage();
  const before = used();
  const end = cpuMs() + seconds * 1000;
  while (cpuMs() < end) {
    const input = nextInput(target, random, corpus, executions);
    announce(input);
    try {
      const measured = executions % SAMPLE === 0 || input.length > MAX_KEPT_LENGTH;
      const { outcome, ms, allocated } = timed(target, input, measured);
      times.add(ms);
      if (allocated > greediest.allocated) greediest = { allocated, length: input.length };
      outcome.verify?.();
      accepted += outcome.accepted ? 1 : 0;
      const isNew = outcome.accepted ? count(kinds, outcome.kind) : count(reasons, outcome.reason);
      if (input.length <= MAX_KEPT_LENGTH && (isNew || (outcome.accepted && random.once(50))))
        keep(random, corpus, input);
    } catch (error) {
      throw new FailedInput(input, executions, error);
    }
    executions++;
  }
  collectGarbage();
  const growth = used() - before;
  const report = { target: target.name, seed, seconds, executions, accepted, kinds, reasons, growth, greediest };
  return { ...report, slow: times.percentile(0.9999), slowest: times.most };
}

function nextInput(target: Target, random: Random, corpus: readonly Uint8Array[], executions: number): Uint8Array {
  const untouched = target.seeds[executions];
  if (untouched !== undefined) return untouched;
  const candidates = random.once(3) ? target.seeds : corpus;
  const [one, other] = [random.pick(candidates), random.pick(candidates)];
  // Short ones more often: a long one takes the time of many.
  const base = one.length <= other.length || random.once(4) ? one : other;
  return target.mutate(random, base, corpus).slice(0, target.maxLength);
}

/** One execution; one that is slow or greedy once more, since the machine may have been busy or collecting garbage. */
function timed(
  target: Target,
  input: Uint8Array,
  measured: boolean,
): { outcome: Outcome; ms: number; allocated: number } {
  let best = once(target, input, measured);
  for (let tries = 0; tries < 2 && (best.ms > HARD_MS || best.allocated > allowance(input.length)); tries++) {
    collectGarbage();
    const again = once(target, input, measured);
    best = { ...again, ms: Math.min(best.ms, again.ms), allocated: Math.min(best.allocated, again.allocated) };
  }
  if (best.ms > HARD_MS) throw new Finding(`it takes ${best.ms.toFixed(0)} ms of CPU`);
  if (best.allocated > allowance(input.length)) throw new Finding(`it allocates ${best.allocated} bytes`);
  return best;
}

function once(
  target: Target,
  input: Uint8Array,
  measured: boolean,
): { outcome: Outcome; ms: number; allocated: number } {
  const before = measured ? used() : 0;
  const start = cpuMs();
  const outcome = target.execute(input);
  const ms = cpuMs() - start;
  return { outcome, ms, allocated: measured ? used() - before : 0 };
}

function count(counts: Map<string, number>, name: string): boolean {
  const earlier = counts.get(name);
  if (earlier === undefined && counts.size >= MAX_REASONS) return false;
  counts.set(name, (earlier ?? 0) + 1);
  return earlier === undefined;
}

function keep(random: Random, corpus: Uint8Array[], input: Uint8Array): void {
  if (corpus.length < MAX_CORPUS) corpus.push(input);
  else corpus[random.below(MAX_CORPUS)] = input;
}

/** What is wrong with a run as a whole. */
export function complaints({ accepted, executions, growth, slow, reasons }: Report, target: Target): string[] {
  const share = (1000 * accepted) / executions;
  return [
    ...(slow > 200 ? [`the 99.99th percentile is ${slow.toFixed(0)} ms`] : []),
    ...(growth > MAX_GROWTH ? [`the heap grew by ${(growth / MIB).toFixed(0)} MiB`] : []),
    ...(share < target.leastAccepted ? [`${share.toFixed(1)} of 1,000 are accepted, too few to test it`] : []),
    ...(reasons.size < target.leastReasons ? [`only ${reasons.size} reasons of refusal were seen`] : []),
  ];
}
