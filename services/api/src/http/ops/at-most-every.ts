/** Reads once in `ms` milliseconds of the clock and one at a time; whoever asks meanwhile gets what was read last. */
export function atMostEvery<T>(ms: number, now: () => number, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly value: Promise<T>; readonly until: number } | undefined;
  let reading = false;
  return () => {
    if (last === undefined || (!reading && now() >= last.until)) {
      reading = true;
      const value = read().finally(() => {
        reading = false;
      });
      last = { value, until: now() + ms };
    }
    return last.value;
  };
}
