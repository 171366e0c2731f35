import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type DemoResult, runDemo } from './demo.ts';
import { guide } from './guide.ts';
import { Interrupted, interruption } from './interruption.ts';
import { reportLine } from './report.ts';
import { type Stack, startStack } from './stack.ts';
import { tailOf } from './tail.ts';

/** One line of progress, with the time since this process began. */
const say = (what: string) => {
  process.stderr.write(`${(performance.now() / 1000).toFixed(1).padStart(5)} s  ${what}\n`);
};

/** Starts the stack, pays, and either reports and ends (`--once`) or stays up until it is interrupted. */
async function main(stayUp: boolean, signal: AbortSignal): Promise<number> {
  let stack: Stack | undefined;
  let result: DemoResult = { payouts: [], problems: [] };
  try {
    stack = await startStack({ onProgress: say, signal });
    result = await Promise.race([runDemo(stack, { say, signal }), deathOf(stack)]);
    for (const problem of result.problems) say(problem);
    if (result.problems.length > 0) await showLogs(stack);
    else if (stayUp) {
      process.stdout.write(guide(stack));
      await untilTheEnd(stack, signal);
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    say(problem);
    result = { ...result, problems: [...result.problems, problem] };
    if (error instanceof Interrupted) return error.exitCode;
  } finally {
    if (stack !== undefined) say('stopping');
    await stack?.stop();
    say('stopped');
    if (!stayUp) process.stdout.write(`${reportLine({ ...result, urls: stack?.urls ?? {} })}\n`);
  }
  return result.problems.length === 0 ? 0 : 1;
}

async function untilTheEnd(stack: Stack, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), deathOf(stack)]);
  signal.throwIfAborted();
}

/** Rejects when the stack has ended because one of its processes had. */
async function deathOf(stack: Stack): Promise<never> {
  throw await stack.ended;
}

async function showLogs(stack: Stack): Promise<void> {
  for (const name of ['api', 'signer'] as const) {
    process.stderr.write(`\nThe last lines of ${name}:\n${await tailOf(stack.logFileOf(name))}\n`);
  }
}

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
process.exitCode = await main(!values.once, interruption());
process.exit();
