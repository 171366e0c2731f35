// When everything else is printed: coverage by package, where it was measured, the real parts that tests ran over, and one
// closing line that counts the tests.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { realPartsLine } from './real-parts-line.ts';

export default class CountReporter {
  #rootDir;
  #summary;

  constructor({ rootDir, coverageDirectory }) {
    this.#rootDir = rootDir;
    this.#summary = join(coverageDirectory, 'coverage-summary.json');
  }

  onRunStart() {
    rmSync(this.#summary, { force: true });
  }

  onRunComplete(_contexts, results) {
    process.on('exit', () => {
      if (existsSync(this.#summary)) {
        console.log(coverageTable(JSON.parse(readFileSync(this.#summary, 'utf8')), this.#rootDir));
      }
      const parts = realPartsLine(results);
      if (parts !== undefined) console.log(parts);
      const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, success } = results;
      const failed = numFailedTests + numRuntimeErrorTestSuites;
      // Too little coverage fails a run without a failed test.
      const why = !success && failed === 0 ? '; the run failed, see above' : '';
      console.log(`Tests: ${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped${why}`);
    });
  }
}

function coverageTable(summary, rootDir) {
  const packages = new Map();
  for (const [file, { lines, branches }] of Object.entries(summary)) {
    if (file === 'total') continue;
    const name = relative(rootDir, file).split('/', 2).join('/');
    const sum = packages.get(name) ?? { lines: { covered: 0, total: 0 }, branches: { covered: 0, total: 0 } };
    for (const [kind, counted] of Object.entries({ lines, branches })) {
      sum[kind].covered += counted.covered;
      sum[kind].total += counted.total;
    }
    packages.set(name, sum);
  }
  const percent = ({ covered, total }) => `${((100 * covered) / Math.max(total, 1)).toFixed(1)} %`.padStart(9);
  const rows = [...packages].sort().map(([name, sum]) => [name.padEnd(20), percent(sum.lines), percent(sum.branches)]);
  return [['Coverage'.padEnd(20), 'lines'.padStart(9), 'branches'.padStart(9)], ...rows]
    .map((row) => row.join(' '))
    .join('\n');
}
