// What Countersign adds to a signature by KMS, measured: everything real, each part a process of its own, on this machine.
// Tables go to stderr; `--json` prints one JSON object on stdout; `--only env,softhsm2-4` measures some custodies. BENCH_SECONDS and BENCH_ROUNDS set the length.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { awsKms, type BenchCustody, seed, softHsm } from './custodies.ts';
import { type Measurement, measure, type Plan } from './measure.ts';

const plan: Plan = {
  seconds: Number(process.env['BENCH_SECONDS'] ?? 5),
  rounds: Number(process.env['BENCH_ROUNDS'] ?? 3),
  rate: 200,
  inFlight: [1, 16, 64],
};

const CUSTODIES: Readonly<Record<string, () => Promise<BenchCustody | undefined>>> = {
  'aws-kms-0': () => awsKms(0),
  'aws-kms-10': () => awsKms(10),
  env: seed,
  'softhsm2-1': () => softHsm(1),
  'softhsm2-4': () => softHsm(4),
  'softhsm2-8': () => softHsm(8),
};

const machine = `${cpus().length} cores, Node ${process.version}`;
const { values } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });
const chosen = values.only?.split(',') ?? Object.keys(CUSTODIES);
const results: Measurement[] = [];
for (const name of chosen) {
  const open = CUSTODIES[name];
  if (open === undefined) throw new Error(`--only: expected ${Object.keys(CUSTODIES).join(', ')}, got ${name}`);
  const custody = await open();
  if (custody === undefined) {
    process.stderr.write(`\n${name}: not measured, SOFTHSM2 names no library\n`);
    continue;
  }
  await using _closed = custody;
  const result = await measure(custody, plan);
  results.push(result);
  process.stderr.write(`${report(result).join('\n')}\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify({ machine, plan, results })}\n`);

function report({ custody, aloneRate, alone, through, overhead, stages, throughput }: Measurement): string[] {
  return [
    '',
    `${custody}; one signer process; ${machine}; median of ${plan.rounds} rounds of ${plan.seconds} s`,
    `  open loop at ${plan.rate}/s, ms                 p50       p99`,
    `    the backend alone               ${ms(alone.p50)}  ${ms(alone.p99)}`,
    `    through the signer              ${ms(through.p50)}  ${ms(through.p99)}`,
    `    overhead                        ${ms(overhead.p50)}  ${ms(overhead.p99)}`,
    '  by stage, ms                         mean     p50 ≤     p99 ≤',
    ...stages.map(({ stage, mean, p50, p99 }) => `    ${stage.padEnd(30)}  ${ms(mean)}  ${ms(p50)}  ${ms(p99)}`),
    `  closed loop, the backend alone at ${plan.inFlight.at(-1)} in flight: ${aloneRate.toFixed(0)} signatures a second`,
    '  through the signer, signatures a second   median       (min–max)',
    ...throughput.map(
      ({ inFlight, median, min, max }) =>
        `    ${String(inFlight).padStart(2)} in flight                    ${median.toFixed(0).padStart(8)}       (${min.toFixed(0)}–${max.toFixed(0)})`,
    ),
  ];
}

function ms(value: number): string {
  return value.toFixed(2).padStart(8);
}
