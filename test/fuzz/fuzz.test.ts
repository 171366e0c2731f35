import { beforeAll, describe, expect, test } from '@jest/globals';
import { describeAnswer } from './describe-answer.ts';
import { supervise } from './supervise.ts';
import type { Answer } from './worker.ts';

// `npm run fuzz` takes hours if it is told to; here is what a change can afford. Targets are named here so that none is lost.
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? '20');
const SEED = Number(process.env['FUZZ_SEED'] ?? `${Date.now() % 2 ** 32}`);
const NAMES = ['stellar envelope', 'soroban authorization', 'evm transaction', 'policy file', 'signer request'];

describe(`fuzzing for ${SECONDS} seconds of CPU, FUZZ_SEED=${SEED}`, () => {
  let answers: readonly Answer[] = [];
  beforeAll(
    async () => {
      answers = await supervise({ targets: [], seed: SEED, seconds: SECONDS });
      process.stdout.write(`FUZZ_SEED=${SEED}\n${answers.map(describeAnswer).join('\n')}\n`);
    },
    SECONDS * 10_000 + 60_000,
  );

  test.each(NAMES)('%s: no crash, no hang, nothing that another implementation reads otherwise', (name) => {
    const answer = answers.find(({ target }) => target === name);
    expect(answer).toMatchObject({ report: { executions: expect.any(Number) }, complaints: [] });
  });

  test('and nothing else', () => {
    expect(answers.map(({ target }) => target)).toEqual(NAMES);
  });
});

describe('the fuzzer itself', () => {
  const PATIENCE = 120_000; // its budgets are of CPU, and a busy machine gives little of it
  test.each([
    ['a decoder that breaks', 'breaks', /an error of no known class: TypeError: broken/],
    ['one that says something else than is there', 'lies', /Finding: we say 1, it is 2/],
    ['one that takes too long', 'is slow', /it takes \d+ ms of CPU/],
    ['one that takes too much memory', 'is greedy', /it allocates \d+ bytes/],
  ])(
    'finds %s',
    async (_, planted, message) => {
      const [answer] = await supervise({ targets: [], planted, seed: 1, seconds: 10 });
      expect(answer).toMatchObject({ failure: expect.stringMatching(message), execution: expect.any(Number) });
    },
    PATIENCE,
  );

  test.each([
    ['one that accepts next to nothing', 'refuses', 'of 1,000 are accepted, too few to test it'],
    ['one that keeps what it has seen', 'leaks', 'the heap grew by'],
  ])(
    'complains of %s',
    async (_, planted, message) => {
      const [answer] = await supervise({ targets: [], planted, seed: 1, seconds: 1 });
      expect(answer).toMatchObject({ complaints: expect.arrayContaining([expect.stringContaining(message)]) });
    },
    PATIENCE,
  );

  test('names the input that never ends', async () => {
    await expect(supervise({ targets: [], planted: 'hangs', seed: 1, seconds: 10 }, { hangMs: 1_000 })).rejects.toThrow(
      /does not end; its input: 616263$/,
    );
  });

  test('tries the same inputs for the same seed', async () => {
    const [first, second] = [await trace(7), await trace(7)];
    expect(first).toBe(second);
    expect(await trace(8)).not.toBe(first);
  });
});

/** The input that the planted target breaks on, at its hundredth execution. */
async function trace(seed: number): Promise<string> {
  const [answer] = await supervise({ targets: [], planted: 'breaks later', seed, seconds: 10 });
  if (answer === undefined || !('input' in answer)) throw new Error('expected it to break');
  return Buffer.from(answer.input).toString('hex');
}
