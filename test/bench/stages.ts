/** What the histogram of the stages holds: by stage, how many and how long together (s), and how many up to each bound (s). */
export type Stages = ReadonlyMap<string, { count: number; sum: number; readonly upTo: Map<number, number> }>;

const SAMPLE = /^countersign_sign_stage_seconds_(bucket|sum|count)\{(.*)\} (.+)$/;

/** Reads the stages of succeeded requests from a Prometheus exposition. */
export async function readStages(metricsPort: number): Promise<Stages> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const stages = new Map<string, { count: number; sum: number; upTo: Map<number, number> }>();
  for (const line of text.split('\n')) {
    const [, kind, labels = '', value] = SAMPLE.exec(line) ?? [];
    const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (kind === undefined || label('outcome') !== 'succeeded') continue;
    const stage = stages.get(label('stage')) ?? { count: 0, sum: 0, upTo: new Map<number, number>() };
    stages.set(label('stage'), stage);
    if (kind === 'bucket') stage.upTo.set(Number(label('le').replace('+Inf', 'Infinity')), Number(value));
    else stage[kind === 'sum' ? 'sum' : 'count'] = Number(value);
  }
  return stages;
}

/** Of one stage, in ms: the mean, and the bounds of the histogram under which half and 99 % of its calls lie. */
export interface StageTimes {
  readonly stage: string;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

/** What has come between two readings. */
export function stagesBetween(before: Stages, after: Stages): StageTimes[] {
  return [...after].map(([stage, { count, sum, upTo }]) => {
    const earlier = before.get(stage);
    const calls = count - (earlier?.count ?? 0);
    const bound = (share: number) =>
      [...upTo].find(([le, n]) => n - (earlier?.upTo.get(le) ?? 0) >= share * calls)?.[0] ?? Number.NaN;
    return {
      stage,
      mean: ((sum - (earlier?.sum ?? 0)) / calls) * 1000,
      p50: bound(0.5) * 1000,
      p99: bound(0.99) * 1000,
    };
  });
}
