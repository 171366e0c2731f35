// `npm run fuzz`: hours of it, by `-- --seconds 7200`; `--target` (once or more) runs one of them, `--seed` a run again.
import { parseArgs } from 'node:util';
import { describeAnswer } from './describe-answer.ts';
import { supervise } from './supervise.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: process.env['FUZZ_SECONDS'] ?? '60' },
    seed: { type: 'string', default: process.env['FUZZ_SEED'] ?? `${Date.now() % 2 ** 32}` },
    target: { type: 'string', multiple: true, default: [] },
  },
});
const work = { targets: values.target, seed: Number(values.seed), seconds: Number(values.seconds) };
if (!(work.seconds > 0) || !Number.isSafeInteger(work.seed))
  throw new Error('expected --seconds above 0 and an integer --seed');
console.log(`FUZZ_SEED=${work.seed}, ${work.seconds} seconds of CPU`);

const answers = await supervise(work, { onAnswer: (answer) => console.log(describeAnswer(answer)) });
const good = answers.filter((answer) => 'report' in answer && answer.complaints.length === 0);
console.log(`${good.length} of ${answers.length} targets without a finding`);
process.exitCode = good.length === answers.length && answers.length > 0 ? 0 : 1;
