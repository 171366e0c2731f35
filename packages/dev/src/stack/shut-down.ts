import type { Postgres } from '../postgres/start-postgres.ts';
import type { ProgramName } from './options.ts';
import type { Program } from './program.ts';
import type { Watchdog } from './watchdog.ts';

/** First those that call, then those that are called. */
const ORDER: readonly (readonly ProgramName[])[] = [['api'], ['signer'], ['kms', 'stellar', 'anvil']];

/** Stops every process in order, Postgres last, and removes the folder. */
export async function shutDown(parts: {
  readonly programs: ReadonlyMap<ProgramName, Program>;
  readonly postgres: Promise<Postgres<string>>;
  readonly watchdog: Watchdog;
}): Promise<void> {
  for (const names of ORDER) {
    await Promise.all(names.map((name) => parts.programs.get(name)?.stop()));
  }
  const postgres = await parts.postgres.catch(() => undefined);
  await postgres?.stop();
  await parts.watchdog.close();
}
