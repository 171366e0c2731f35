/**
 * How long to wait after so many failures in a row (1, 2, …): doubled each time up to the longest, and half of it left to
 * chance, so that workers that failed together do not come back together.
 *
 * @param random a number in [0, 1)
 */
export function backoffMs(
  failures: number,
  { first, longest }: { readonly first: number; readonly longest: number },
  random: number,
): number {
  const most = Math.min(longest, first * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
  return Math.round(most / 2 + (most / 2) * random);
}
