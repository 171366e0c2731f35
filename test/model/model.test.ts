import { randomInt } from 'node:crypto';
import { type Postgres, startPostgres } from '@countersign/dev/postgres';
import { createPool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkEvidence } from './evidence.ts';
import { Run } from './run.ts';
import { type Round, rounds } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** How many requests and events at least; the sequences of rounds are drawn until there were so many. */
const STEPS = Number(process.env['MODEL_STEPS'] ?? 100_000);
/** A step on a machine that is busy with other tests. */
const SLOWEST_MS = 20;
const SEED = Number(process.env['MODEL_SEED'] ?? randomInt(2 ** 31));
/** Smaller sequences that fail too are looked for, for some minutes: each is another race, and may not fail. */
const SHRINKING_MS = 5 * 60_000;
const SHRINK = process.env['MODEL_SHRINK'] !== 'no';

let world: World;
let postgres: Postgres<'signer'>;

beforeAll(async () => {
  world = await openWorld();
  postgres = await startPostgres({ databases: ['signer'] });
});
afterAll(async () => {
  await postgres.stop();
  await world.registry.close();
});

let played = 0;

/** Plays the rounds over a database of their own. @returns how many steps they were. */
async function play(sequence: readonly Round[]): Promise<number> {
  const name = `run_${++played}`;
  const url = new URL(postgres.urls.signer);
  const admin = createPool({ url: postgres.adminUrl, max: 1 });
  try {
    await admin.query(`create database ${name} owner signer`);
    url.pathname = `/${name}`;
    const run = new Run(world, url.href, name);
    try {
      await run.system.start();
      for (const round of sequence) {
        await run.round(round);
        expect(run.model.problems.slice(0, 5)).toEqual([]);
      }
      expect((await checkEvidence(world, run)).slice(0, 5)).toEqual([]);
      return run.answered.length + sequence.length;
    } finally {
      await run.system[Symbol.asyncDispose]();
    }
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  }
}

test(
  'one lane for each payout id, no sum too small, no limit exceeded: over lanes, replays, crashes, policies, two replicas',
  async () => {
    const started = performance.now();
    let steps = 0;
    const property = fc.asyncProperty(rounds, async (sequence) => {
      const more = await play(sequence);
      steps += more;
    });
    let runs = 0;
    let failed = false;
    const playOn = async () => {
      while (steps < STEPS && !failed) {
        const options = {
          seed: SEED + runs++,
          numRuns: 1,
          endOnFailure: !SHRINK,
          interruptAfterTimeLimit: SHRINKING_MS,
        };
        await fc.assert(property, options).catch((error: unknown) => {
          failed = true;
          throw error;
        });
      }
    };
    // Two at a time, each over a database of its own: one works while the other waits for its last answers.
    const ended = await Promise.allSettled([playOn(), playOn()]);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stderr.write(`model: ${steps} steps in ${runs} runs, ${seconds} s; MODEL_SEED=${SEED}\n`);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  },
  2 * SHRINKING_MS + STEPS * SLOWEST_MS,
);
