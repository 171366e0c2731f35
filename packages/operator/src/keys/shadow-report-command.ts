import { parseArgs } from 'node:util';
import { type Command, UsageError } from '../command.ts';
import { timeOf } from '../options.ts';
import { withSignerDatabase } from '../signer-database.ts';
import { readShadowReport, type ShadowReport } from './shadow-report.ts';

const DAY_MS = 86_400_000;

/** What is known of the new custody of each key on `shadow`: whether it signs, as the same key, and how fast beside the old one. */
export const keysShadowReportCommand: Command = {
  name: 'keys shadow-report',
  parameters: '[KEY] [--since TIME] [--json]',
  summary: 'how a key’s new custody did beside its old one, since a day ago or TIME (DATABASE_URL: the signer’s)',
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { since: { type: 'string' }, json: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [key, ...more] = positionals;
    if (more.length > 0) throw new UsageError('expected one key id at most');
    const since = timeOf('--since', values.since) ?? new Date(Date.now() - DAY_MS);
    const reports = await withSignerDatabase(io, (pool) => readShadowReport(pool, { key, since }));
    io.out(values.json ? `${JSON.stringify(reports, undefined, 2)}\n` : reports.map(text).join('\n'));
    if (reports.length === 0) io.err(`no shadow signature of ${key ?? 'any key'} since ${since.toISOString()}\n`);
    return reports.length > 0 && reports.every(({ disagreed, failed }) => disagreed + failed === 0) ? 0 : 1;
  },
};

function text(report: ShadowReport): string {
  const { key, backend, count, agreed, disagreed, failed, errors, legacyMs, shadowMs } = report;
  const ms = (value: number) => value.toFixed(2).padStart(9);
  return [
    `${key}  ${backend}, ${report.first} to ${report.last}`,
    `  signatures  ${count}: ${agreed} agreed, ${disagreed} disagreed, ${failed} failed`,
    ...Object.entries(errors).map(([code, times]) => `    ${code}  ${times}`),
    '  ms              p50      p90      p99      max',
    `  legacy    ${[legacyMs.p50, legacyMs.p90, legacyMs.p99, legacyMs.max].map(ms).join('')}`,
    `  ${backend.padEnd(10)}${[shadowMs.p50, shadowMs.p90, shadowMs.p99, shadowMs.max].map(ms).join('')}`,
    '',
  ].join('\n');
}
