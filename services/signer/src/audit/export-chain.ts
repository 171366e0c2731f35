import type { Pool } from '@countersign/runtime/postgres';
import { moveCursor } from './cursor.ts';
import type { ExportLag } from './export-lag.ts';
import { type Cursor, readUnexported } from './read-unexported.ts';
import type { Sink } from './sink.ts';

export interface ExportOptions {
  readonly pool: Pool;
  readonly chain: string;
  readonly sink: Sink;
  /** Where the sink is at the start. */
  readonly cursor: Cursor;
  readonly lag: ExportLag;
  /** Once true, another process exports this chain. */
  readonly isLost: () => boolean;
  /** Told of each checkpoint that the sink has, as a line. */
  readonly onCheckpoint: (line: string) => void;
  readonly onError: (error: unknown) => void;
}

export interface Exporter {
  /** There may be something new. */
  wake(): void;
  /** Exports what is there, then stops; gives up at the first failure. */
  close(): Promise<void>;
}

const MOST = 250;
// Events gather meanwhile, so that signing does not compete for the disk with its own log.
const GATHER_MS = 50;
// Other replicas write checkpoints too.
const IDLE_MS = 1_000;
const RETRY_MS = 1_000;
// What comes again after a crash: the lines of this time at most.
const CURSOR_MS = 1_000;

/** Follows a chain from where the sink is. Lines are in the sink before its cursor moves: after a crash some come twice. */
export function exportChain({
  pool,
  chain,
  sink,
  lag,
  isLost,
  onCheckpoint,
  onError,
  ...options
}: ExportOptions): Exporter {
  let { cursor } = options;
  let saved = cursor;
  let savedAt = performance.now();
  let closing = false;
  let woken = false;
  let interrupt = (): void => undefined;

  async function round(): Promise<'full' | 'some' | 'none'> {
    const next = await readUnexported(pool, chain, cursor, MOST);
    if (next.lines !== '') {
      await sink.write(next.lines);
      cursor = next.cursor;
      lag.exported(cursor.sequence);
      if (next.checkpointLine !== undefined) onCheckpoint(next.checkpointLine);
    }
    if (cursor !== saved && (closing || performance.now() - savedAt >= CURSOR_MS)) {
      await moveCursor(pool, chain, sink.name, cursor);
      saved = cursor;
      savedAt = performance.now();
    }
    if (next.lines === '') return 'none';
    return next.full ? 'full' : 'some';
  }

  async function run(): Promise<void> {
    while (!isLost()) {
      woken = false;
      try {
        const found = await round();
        if (closing && found === 'none') return;
        if (found === 'full' || closing) continue;
        if (found === 'some' || woken) await pause(GATHER_MS, false);
        else await pause(IDLE_MS, true);
      } catch (error) {
        onError(error);
        if (closing) return;
        await pause(RETRY_MS, false);
      }
    }
  }

  /** @param wakeable whether news ends it; closing always does. */
  function pause(ms: number, wakeable: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      interrupt = () => {
        if (!wakeable && !closing) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const running = run();
  return {
    wake: () => {
      woken = true;
      interrupt();
    },
    close: async () => {
      closing = true;
      interrupt();
      await running;
    },
  };
}
