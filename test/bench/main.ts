// What Countersign adds to a signature by KMS, measured: everything real, each part a process of its own, on this machine.
// Tables go to stderr; `--json` prints one JSON object on stdout. BENCH_SECONDS and BENCH_ROUNDS set the length.
import { cpus } from 'node:os';
import { type Measurement, measure, type Plan } from './measure.ts';

const plan: Plan = {
  seconds: Number(process.env['BENCH_SECONDS'] ?? 5),
  rounds: Number(process.env['BENCH_ROUNDS'] ?? 3),
  rate: 200,
  inFlight: [1, 16, 64],
};

const machine = `${cpus().length} cores, Node ${process.version}`;
const results: Measurement[] = [];
for (const kmsLatencyMs of [0, 10]) {
  const result = await measure(kmsLatencyMs, plan);
  results.push(result);
  process.stderr.write(`${report(result).join('\n')}\n`);
}
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ machine, plan, results })}\n`);

function report({ kmsLatencyMs, alone, through, overhead, stages, throughput }: Measurement): string[] {
  return [
    '',
    `KMS answers after ${kmsLatencyMs} ms; one signer process; ${machine}; median of ${plan.rounds} rounds of ${plan.seconds} s`,
    `  open loop at ${plan.rate}/s, ms                 p50       p99`,
    `    KMS alone, by the same backend  ${ms(alone.p50)}  ${ms(alone.p99)}`,
    `    through the signer              ${ms(through.p50)}  ${ms(through.p99)}`,
    `    overhead                        ${ms(overhead.p50)}  ${ms(overhead.p99)}`,
    '  by stage, ms                         mean     p50 ≤     p99 ≤',
    ...stages.map(({ stage, mean, p50, p99 }) => `    ${stage.padEnd(30)}  ${ms(mean)}  ${ms(p50)}  ${ms(p99)}`),
    '  closed loop, signatures a second   median       (min–max)',
    ...throughput.map(
      ({ inFlight, median, min, max }) =>
        `    ${String(inFlight).padStart(2)} in flight                    ${median.toFixed(0).padStart(8)}       (${min.toFixed(0)}–${max.toFixed(0)})`,
    ),
  ];
}

function ms(value: number): string {
  return value.toFixed(2).padStart(8);
}
