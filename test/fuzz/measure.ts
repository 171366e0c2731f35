import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Times in buckets an eighth of a doubling wide: a run of hours keeps no more of them than one of a second. */
export class Times {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  most = 0;

  add(ms: number): void {
    const bucket = Math.ceil(8 * Math.log2(Math.max(ms, 0.001)));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.most = Math.max(this.most, ms);
  }

  percentile(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (const [bucket, times] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      left -= times;
      if (left <= 0) return 2 ** (bucket / 8);
    }
    return 0;
  }
}

/** Of this thread alone: how busy the machine is otherwise does not count. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Bytes of the heap, and of what hangs on it outside. */
export function used(): number {
  const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
  return heap + outside;
}

let collector: (() => void) | undefined;
export function collectGarbage(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as () => void;
  }
  collector();
}
