/** How far a sink is behind the chain. Asked on every request: it costs two comparisons. */
export interface ExportLag {
  /** The chain has come to `height`. */
  appended(height: bigint): void;
  /** The sink has everything up to `height`. */
  exported(height: bigint): void;
  /** Events that the sink has not. */
  events(): bigint;
  /** How long ago the oldest of them was appended, at most a second too much; 0 where there is none. */
  seconds(): number;
}

interface Mark {
  /** Up to here, appended at `at` or later. */
  height: bigint;
  /** Milliseconds. */
  readonly at: number;
}

const GRAIN_MS = 1_000;

/** @param now milliseconds that never go back. */
export function createExportLag(now: () => number): ExportLag {
  const marks: Mark[] = [];
  let head = 0n;
  let done = 0n;
  return {
    appended: (height) => {
      if (height <= head) return;
      head = height;
      const at = now();
      const newest = marks.at(-1);
      if (newest !== undefined && at - newest.at < GRAIN_MS) newest.height = height;
      else if (height > done) marks.push({ height, at });
    },
    exported: (height) => {
      done = height;
      while (marks[0] !== undefined && marks[0].height <= height) marks.shift();
    },
    events: () => (head > done ? head - done : 0n),
    seconds: () => (marks[0] === undefined ? 0 : (now() - marks[0].at) / 1000),
  };
}
