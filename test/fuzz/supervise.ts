import { Worker } from 'node:worker_threads';
import type { Answer, Work } from './worker.ts';

// The longest input of any target, and a little more.
const MAX_INPUT = 1024 * 1024 + 1024;
// For how long one input may keep the worker busy before it counts as a hang, whatever else this machine does.
const HANG_MS = 20_000;
const MAX_HEAP_MIB = 768;

/** The options that let Node run these sources as they stand; the generated contract has an enum. */
const EXEC_ARGV = [
  '--conditions=@countersign/source',
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
];

/**
 * Fuzzes in a thread of its own, with a bounded heap, and watches it: an input that never ends is named all the same.
 *
 * @throws Error where the thread hangs, or breaks
 */
export function supervise(
  work: Omit<Work, 'shared'>,
  { onAnswer = () => {}, hangMs = HANG_MS }: { onAnswer?: (answer: Answer) => void; hangMs?: number } = {},
): Promise<Answer[]> {
  const shared = new SharedArrayBuffer(8 + MAX_INPUT);
  const head = new Int32Array(shared, 0, 2);
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...work, shared } satisfies Work,
    execArgv: EXEC_ARGV,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const answers: Answer[] = [];
  return new Promise((resolve, reject) => {
    let seen = -1;
    const watch = setInterval(() => {
      const counter = Atomics.load(head, 0);
      if (counter !== seen || counter === 0) {
        seen = counter;
        return;
      }
      const input = new Uint8Array(shared, 8).slice(0, Atomics.load(head, 1));
      reject(new Error(`execution ${counter} does not end; its input: ${shown(input)}`));
      void worker.terminate();
    }, hangMs);
    worker.on('message', (answer: Answer) => {
      answers.push(answer);
      onAnswer(answer);
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      clearInterval(watch);
      resolve(answers);
    });
  });
}

/** Hex, cut where it gets long: the seed makes the rest again. */
export function shown(input: Uint8Array): string {
  const hex = Buffer.from(input.subarray(0, 4096)).toString('hex');
  return input.length > 4096 ? `${hex}… (${input.length} bytes)` : hex;
}
