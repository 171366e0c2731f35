import type { RunningEngine } from './run-engine.ts';

/** The sum of a metric's values with these labels. */
export async function readMetric(engine: RunningEngine, name: string, labels: Record<string, string>): Promise<number> {
  const values = (await engine.metrics.getSingleMetric(name)?.get())?.values ?? [];
  const matching = values.filter((value) =>
    Object.entries(labels).every(([label, wanted]) => String(value.labels[label]) === wanted),
  );
  return matching.reduce((sum, { value }) => sum + value, 0);
}
