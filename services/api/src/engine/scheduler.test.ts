import { createLogger } from '@countersign/runtime/log';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EngineDatabase, startEngineDatabase } from '../../testing/engine/database.ts';
import { eventually } from '../../testing/engine/wait-for.ts';
import { POKED } from './next.ts';
import { createScheduler } from './scheduler.ts';
import { DEFAULT_TIMING } from './timing.ts';

let database: EngineDatabase;
beforeAll(async () => {
  database = await startEngineDatabase();
});
afterAll(() => database.stop());

test('does not look again and again while every place is taken, and goes on when one is free', async () => {
  let started = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const units = Array.from({ length: 20 }, (_, i) => ({
    name: `unit ${i}`,
    takesPayouts: false,
    step: async () => {
      started++;
      await finished;
      return POKED;
    },
    failed: () => undefined,
  }));
  let looks = 0;
  const pool = new Proxy(database.pool, {
    get: (target, name) => {
      if (name === 'query') looks++;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const log = createLogger({ service: 'api', level: 'error', destination: { write: () => undefined } });
  const scheduler = createScheduler({ pool, units, timing: DEFAULT_TIMING, log });
  scheduler.start();
  try {
    await eventually(() => started === 12);
    const before = looks;
    await database.pool.query('select pg_sleep(0.3)');
    expect(looks - before).toBeLessThan(5);
    finish();
    await eventually(() => started === 20);
  } finally {
    finish();
    await scheduler.stop();
  }
});
