import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringUp } from './bring-up.ts';
import type { ProgramName, StackOptions } from './options.ts';
import type { Environment, EnvironmentChange, Program } from './program.ts';
import { shutDown } from './shut-down.ts';
import type { StackParts } from './stack-parts.ts';
import { startWatchdog } from './watchdog.ts';

/** A whole Countersign: real processes, real signatures, nothing that outlives it. */
export interface Stack extends StackParts {
  /** Holds configuration, certificates and logs; mode 0700; gone after `stop`. */
  readonly dir: string;
  /**
   * Stops a process if it runs, starts it and waits until it is ready. `env` counts for this start. The chains (`stellar`,
   * `anvil`) are in memory: started again they are empty. To have them away for a while, `kill` them with SIGSTOP.
   */
  restart(name: ProgramName, options?: { readonly env?: EnvironmentChange }): Promise<void>;
  /** Sends a signal; when the signal ends processes, resolves after the end. The stack stays up. */
  kill(name: ProgramName, signal: NodeJS.Signals): Promise<void>;
  /** What the process was given, PATH included. */
  environmentOf(name: ProgramName): Environment;
  /** Of the running process; undefined while there is none. */
  pidOf(name: ProgramName): number | undefined;
  /** Standard output and standard error of the process. */
  logFileOf(name: ProgramName): string;
  /** Stops everything in order and removes `dir`. Resolves after the end, also when called again. */
  stop(): Promise<void>;
  /** Resolves once everything has stopped: with an error when a process had ended that nobody had asked to end. */
  readonly ended: Promise<Error | undefined>;
}

/**
 * Starts the whole stack; resolves when the API is ready to pay.
 * @throws Error with the last lines of the process that did not come up; everything else has been stopped by then.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  const logs = join(dir, 'logs');
  await mkdir(logs);
  const watchdog = startWatchdog(dir);
  const giveUp = new AbortController();
  const programs = new Map<ProgramName, Program>();
  const ended = Promise.withResolvers<Error | undefined>();

  let stopping: Promise<void> | undefined;
  function stop(reason?: Error): Promise<void> {
    giveUp.abort(reason ?? new Error('the stack is stopping'));
    stopping ??= shutDown({ programs, postgres: starting.postgres, watchdog }).finally(() => ended.resolve(reason));
    return stopping;
  }

  const signals = options.signal === undefined ? [giveUp.signal] : [giveUp.signal, options.signal];
  const host = { logs, watchdog, signal: AbortSignal.any(signals), onDeath: (error: Error) => void stop(error) };
  const starting = bringUp(dir, host, programs, options);
  try {
    const parts = await starting.ready;
    const program = (name: ProgramName) => programs.get(name) ?? unknownProgram(name);
    return {
      ...parts,
      dir,
      ended: ended.promise,
      restart: async (name, { env } = {}) => {
        await program(name).stop();
        await program(name).start({ ...options.env?.[name], ...env });
      },
      kill: (name, signal) => program(name).kill(signal),
      environmentOf: (name) => program(name).environment,
      pidOf: (name) => program(name).pid,
      logFileOf: (name) => program(name).logFile,
      stop: () => stop(),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function unknownProgram(name: string): never {
  throw new Error(`expected a program of the stack, got ${name}`);
}
