export interface SharedTableOptions<Entry> {
  /** As many entries are kept at most, beside the shared one. */
  readonly max: number;
  readonly create: (name: string) => Entry;
  /** True for an entry that can be forgotten: a new one would be no different. */
  readonly isIdle: (entry: Entry) => boolean;
}

export interface SharedTable<Entry> {
  /** The entry of this name, made where there is none. */
  of(name: string): Entry;
  readonly size: number;
}

/** The name of the entry that all share for whom there is no room. */
export const OTHERS = 'others';

// A flood of new names must not pay for a look at all entries each.
const SWEEP_MS = 1_000;

/**
 * Entries by a name that outsiders choose, in bounded memory: when the table is full the idle entries go, and where none is
 * idle the newcomers share one.
 */
export function createSharedTable<Entry>(
  { max, create, isIdle }: SharedTableOptions<Entry>,
  now: () => number = () => performance.now(),
): SharedTable<Entry> {
  const entries = new Map<string, Entry>();
  let others: Entry | undefined;
  let sweptAt = Number.NEGATIVE_INFINITY;
  const sweep = () => {
    if (now() - sweptAt < SWEEP_MS) return;
    sweptAt = now();
    for (const [name, entry] of entries) if (isIdle(entry)) entries.delete(name);
  };
  return {
    of: (name) => {
      const found = entries.get(name);
      if (found !== undefined) return found;
      if (entries.size >= max) sweep();
      if (entries.size >= max) {
        others ??= create(OTHERS);
        return others;
      }
      const entry = create(name);
      entries.set(name, entry);
      return entry;
    },
    get size() {
      return entries.size;
    },
  };
}
