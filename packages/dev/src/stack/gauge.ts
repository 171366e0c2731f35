/** The value of one sample in Prometheus' text format; undefined when there is none with these labels. */
export function readGauge(text: string, name: string, labels: Readonly<Record<string, string>>): number | undefined {
  for (const line of text.split('\n')) {
    const sample = /^(\w+)\{(.*)\} (\S+)/.exec(line);
    if (sample === null || sample[1] !== name) continue;
    const found = Object.fromEntries(
      [...(sample[2] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    );
    if (Object.entries(labels).every(([key, value]) => found[key] === value)) return Number(sample[3]);
  }
  return undefined;
}
