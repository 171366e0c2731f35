import { mutateBytes } from './bytes.ts';
import { demand, type Outcome, outcomeOf, type Target } from './target.ts';

/** Decoders with a fault each, to see that the fuzzer finds it. All take `abc`. */
export function plantedTarget(fault: string): Target {
  const kept: Uint8Array[] = [];
  let executions = 0;
  const faults: Readonly<Record<string, (input: Uint8Array) => Outcome>> = {
    breaks: () =>
      judged(() => {
        throw new TypeError('broken');
      }),
    'breaks later': () =>
      judged(() => {
        if (executions++ === 100) throw new TypeError('broken');
      }),
    lies: () =>
      judged(
        () => {},
        () => demand(false, 'we say 1, it is 2'),
      ),
    'is slow': () => judged(() => spin(1_100)),
    'is greedy': () =>
      judged(() =>
        kept.push(
          Uint8Array.from({ length: 2_000_000 }, (_, i) => i),
          ...many(),
        ),
      ),
    leaks: () => judged(() => kept.push(new Uint8Array(100_000).fill(1))),
    refuses: () => ({ accepted: false, reason: 'always' }),
    hangs: () => judged(() => spin(Number.POSITIVE_INFINITY)),
  };
  const execute = faults[fault];
  if (execute === undefined) throw new Error(`no such fault: ${fault}`);
  const seeds = [new TextEncoder().encode('abc')];
  return { name: fault, seeds, maxLength: 100, leastAccepted: 50, leastReasons: 0, mutate: mutateBytes, execute };
}

const judged = (call: () => unknown, verify: () => void = () => {}): Outcome =>
  outcomeOf(call, () => undefined, { accepted: () => ({ kind: 'any', verify }) });

const many = (): Uint8Array[] => Array.from({ length: 20 }, () => new Uint8Array(1_000_000));

function spin(ms: number): void {
  const used = () => process.threadCpuUsage().user / 1000;
  const end = used() + ms;
  while (used() < end);
}
