import { spawn } from 'node:child_process';

// Reads lists of process ids, one list a line, and keeps the last. When its input ends, and it ends with the process that
// holds the other end, however that dies, the groups of the last list are killed and the folder is removed. (`-s KILL`,
// because dash takes no `--` after `-KILL`.)
const SCRIPT = `
while read -r line; do pids=$line; done
for pid in $pids; do kill -s KILL -- "-$pid"; done
rm -rf -- "$1"`;

/** Leaves no process and no folder behind, also when this process is killed without a chance to clean up. */
export interface Watchdog {
  /** From now on the process group that `pid` leads is killed with this process. */
  guard(pid: number): void;
  /** `pid` has ended; its number may soon belong to another process. */
  release(pid: number): void;
  /** Kills what is still guarded and removes the folder, then resolves. */
  close(): Promise<void>;
}

/** Starts a watchdog over `directory`: a shell in a process group of its own. */
export function startWatchdog(directory: string): Watchdog {
  const { PATH = '' } = process.env;
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'watchdog', directory], {
    cwd: '/',
    env: { PATH },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const closed = new Promise<void>((resolve, reject) => shell.once('close', () => resolve()).once('error', reject));
  // Nobody may be waiting when it fails; `close` still tells.
  closed.catch(() => undefined);
  const { stdin } = shell;
  // The shell is gone: nothing is left to tell it.
  stdin.on('error', () => undefined);

  const guarded = new Set<number>();
  const tell = () => stdin.write(`${[...guarded].join(' ')}\n`);
  return {
    guard(pid) {
      guarded.add(pid);
      tell();
    },
    release(pid) {
      guarded.delete(pid);
      tell();
    },
    close() {
      stdin.end();
      return closed;
    },
  };
}
