import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@countersign/dev/free-ports';
import { z } from 'zod';
import { until } from '../harness/until.ts';
import { repository } from './compose-file.ts';

export const prometheusFolder = join(repository, 'infra/prometheus');

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.enum(['vector', 'matrix']),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]).optional(),
        values: z.array(z.tuple([z.number(), z.string()])).optional(),
      }),
    ),
  }),
});

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN where there was nothing to divide. */
  readonly values: readonly number[];
}

export interface Prometheus extends AsyncDisposable {
  /** The HTTP API's instant query. */
  query(expr: string): Promise<Series[]>;
  /** The range query, a value a second over the last `seconds`. */
  queryRange(expr: string, seconds: number): Promise<Series[]>;
  get(path: string): Promise<unknown>;
}

/** A real Prometheus over this repository's configuration: other addresses, a scrape a second, the rest as it is. */
export async function startPrometheus(program: string, targets: Readonly<Record<string, string>>): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-prometheus-'));
  const [port = 0] = await freePorts(1);
  let config = readFileSync(join(prometheusFolder, 'prometheus.yml'), 'utf8').replaceAll(/: [45]s$/gm, ': 1s');
  for (const [from, to] of Object.entries(targets)) config = config.replace(from, to);
  writeFileSync(join(folder, 'prometheus.yml'), config);
  writeFileSync(join(folder, 'rules.yml'), readFileSync(join(prometheusFolder, 'rules.yml')));
  const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`];
  const child = spawn(program, [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const base = `http://127.0.0.1:${port}`;
  const get = async (path: string): Promise<unknown> => (await fetch(`${base}${path}`)).json();
  const ask = async (path: string): Promise<Series[]> => {
    const { data } = answerSchema.parse(await get(path));
    return data.result.map(({ metric, value, values }) => ({
      labels: metric,
      values: (values ?? (value === undefined ? [] : [value])).map(([, text]) => Number(text)),
    }));
  };
  await until(
    'Prometheus is ready',
    () =>
      fetch(`${base}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    60_000,
  );
  return {
    get,
    query: (expr) => ask(`/api/v1/query?query=${encodeURIComponent(expr)}`),
    queryRange: (expr, seconds) => {
      const end = Date.now() / 1000;
      return ask(`/api/v1/query_range?query=${encodeURIComponent(expr)}&start=${end - seconds}&end=${end}&step=1`);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
