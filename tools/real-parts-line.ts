// What a suite over a real part is called: packages/dev/src/parts/describe-part.ts gives these titles.
const RAN = /^over ([a-z][a-z0-9-]*) (v?\d\S*|unknown-version)$/;
const MISSING = /^over ([a-z][a-z0-9-]*): (skipped|required), not found/;

/** As much of Jest's AggregatedResult as is read here. */
interface RunResults {
  readonly testResults: readonly {
    readonly testResults: readonly { readonly ancestorTitles: readonly string[]; readonly status: string }[];
  }[];
}

/**
 * The closing line that names the real parts which tests of this run passed over, and those that were not there. It is
 * made of the titles of the tests' results, which come from whichever worker ran them.
 * @returns undefined for a run without a suite over a real part
 */
export function realPartsLine({ testResults }: RunResults): string | undefined {
  const tests = testResults.flatMap((file) => file.testResults);
  const ran = new Map<string, number>();
  const missing = new Map<string, string>();
  for (const { ancestorTitles, status } of tests) {
    for (const title of ancestorTitles) {
      const [, name, version] = RAN.exec(title) ?? [];
      const [, absent, how] = MISSING.exec(title) ?? [];
      if (name !== undefined && status === 'passed')
        ran.set(`${name} ${version}`, (ran.get(`${name} ${version}`) ?? 0) + 1);
      if (absent !== undefined && how !== undefined) missing.set(absent, how);
    }
  }
  if (ran.size === 0 && missing.size === 0) return undefined;
  const over = [...ran].sort().map(([part, count]) => `${part} (${count} tests)`);
  const without = [...missing].sort().map(([name, how]) => `${name} (${how}, not found)`);
  return `Real parts: ${over.join(', ') || 'none'}${without.length === 0 ? '' : `; not run: ${without.join(', ')}`}`;
}
