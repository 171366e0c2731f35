import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { tailOf } from './tail.ts';
import { waitUntil } from './wait-until.ts';
import type { Watchdog } from './watchdog.ts';

const STOP_GRACE_MS = 10_000;
const READY_TIMEOUT_MS = 30_000;

export type Environment = Readonly<Record<string, string>>;
/** Laid over the usual environment; undefined takes a variable away. */
export type EnvironmentChange = Readonly<Record<string, string | undefined>>;

export interface ProgramSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Everything that the process finds in its environment, beside PATH; asked for at each start. */
  readonly env: () => Environment;
  /** True once it can be used. It may throw meanwhile. */
  readonly ready: () => Promise<boolean>;
}

export interface ProgramHost {
  /** The working directory, and where `<name>.log` is written. */
  readonly logs: string;
  readonly watchdog: Watchdog;
  /** Once aborted nothing starts any more, and what is starting gives up. */
  readonly signal: AbortSignal;
  /** Called when a process that was ready ends, and nobody here has ended it. */
  readonly onDeath: (error: Error) => void;
}

/** A program that runs as a process of its own, with its own environment, and can be ended and started again. */
export interface Program {
  readonly name: string;
  readonly logFile: string;
  /** Of the running process; undefined while there is none. */
  readonly pid: number | undefined;
  /** What the process was given, or the last one when none is running; empty before the first. */
  readonly environment: Environment;
  /** Starts it and resolves when it is ready. */
  start(change?: EnvironmentChange): Promise<void>;
  /** Sends a signal; when the signal ends processes, resolves after the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** SIGTERM, after 10 s SIGKILL. Nothing happens when it is not running. */
  stop(): Promise<void>;
}

const ENDING: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT']);

/** One process, from its start to its end. */
interface Run {
  readonly process: ChildProcess;
  ready: boolean;
  /** Whether its end was asked for here. */
  endAsked: boolean;
}

export function createProgram(spec: ProgramSpec, host: ProgramHost): Program {
  const { name } = spec;
  const logFile = join(host.logs, `${name}.log`);
  let current: Run | undefined;
  let environment: Environment = {};

  async function start(change: EnvironmentChange = {}): Promise<void> {
    if (current !== undefined) throw new Error(`${name} is running already`);
    environment = environmentWith(spec.env(), change);
    const gone = new AbortController();
    const run = await spawnProcess((error) => gone.abort(error));
    const signal = AbortSignal.any([gone.signal, host.signal]);
    try {
      await waitUntil(`${name} ready`, spec.ready, { timeoutMs: READY_TIMEOUT_MS, signal });
      run.ready = true;
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new Error(`${name} is not ready; its last lines:\n${await tailOf(logFile)}`, { cause });
    }
  }

  async function spawnProcess(onEnd: (error: Error) => void): Promise<Run> {
    const log = await open(logFile, 'a', 0o600);
    try {
      host.signal.throwIfAborted();
      // A process group of its own: Ctrl-C in a terminal reaches this process alone, which then ends the others in order.
      const child = spawn(spec.command, spec.args, {
        cwd: host.logs,
        env: environment,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
      const run: Run = { process: child, ready: false, endAsked: false };
      const { pid } = child;
      if (pid !== undefined) {
        current = run;
        host.watchdog.guard(pid);
        child.once('exit', (code, signal) => {
          current = undefined;
          host.watchdog.release(pid);
          void explainEnd(signal ?? `exit code ${code}`).then((error) => {
            onEnd(error);
            if (run.ready && !run.endAsked) host.onDeath(error);
          });
        });
      }
      await once(child, 'spawn');
      return run;
    } finally {
      await log.close();
    }
  }

  async function explainEnd(how: string): Promise<Error> {
    return new Error(`${name} ended (${how}); its last lines:\n${await tailOf(logFile)}`);
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (current === undefined) throw new Error(`${name} is not running`);
    const { process: child } = current;
    if (!ENDING.has(signal)) {
      child.kill(signal);
      return;
    }
    current.endAsked = true;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async function stop(): Promise<void> {
    if (current === undefined) return;
    const { process: child } = current;
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    // A process that SIGSTOP holds would not see SIGTERM before it goes on.
    child.kill('SIGCONT');
    await kill('SIGTERM');
    clearTimeout(impatience);
  }

  return {
    name,
    logFile,
    get pid() {
      return current?.process.pid;
    },
    get environment() {
      return environment;
    },
    start,
    kill,
    stop,
  };
}

/** PATH is the one variable of this process that others get. */
function environmentWith(base: Environment, change: EnvironmentChange): Environment {
  const { PATH } = process.env;
  const all = Object.entries({ PATH, ...base, ...change });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
