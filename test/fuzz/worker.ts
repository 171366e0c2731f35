import { parentPort, workerData } from 'node:worker_threads';
import { complaints, FailedInput, fuzz, type Report } from './loop.ts';
import { plantedTarget } from './planted.ts';
import type { Target } from './target.ts';

/** What the worker is told. */
export interface Work {
  /** All of them where it is empty. */
  readonly targets: readonly string[];
  /** A fault of `planted.ts` instead. */
  readonly planted?: string;
  readonly seed: number;
  /** Of CPU, for all targets together. */
  readonly seconds: number;
  /** Where the worker writes the input that it tries: a counter and a length, 32 bits each, and the bytes. */
  readonly shared: SharedArrayBuffer;
}

/** What it answers for each target, in the order run. */
export type Answer =
  | { readonly target: string; readonly report: Report; readonly complaints: readonly string[] }
  | { readonly target: string; readonly failure: string; readonly input: Uint8Array; readonly execution: number };

const { targets, planted, seed, seconds, shared }: Work = workerData;
const [head, bytes] = [new Int32Array(shared, 0, 2), new Uint8Array(shared, 8)];
const announce = (input: Uint8Array): void => {
  bytes.set(input.subarray(0, bytes.length));
  Atomics.store(head, 1, Math.min(input.length, bytes.length));
  Atomics.add(head, 0, 1);
};

const chosen =
  planted === undefined
    ? (await import('./targets.ts')).TARGETS.filter(({ name }) => targets.length === 0 || targets.includes(name))
    : [plantedTarget(planted)];
for (const target of chosen) parentPort?.postMessage(run(target));

function run(target: Target): Answer {
  try {
    const report = fuzz(target, seed, seconds / chosen.length, announce);
    return { target: target.name, report, complaints: complaints(report, target) };
  } catch (error) {
    if (!(error instanceof FailedInput)) throw error;
    return { target: target.name, failure: error.message, input: error.input, execution: error.execution };
  }
}
