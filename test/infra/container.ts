import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../harness/until.ts';
import type { BuiltImage } from './dockerfile/build.ts';

const CHANGE_ROOT = 'chroot';
const START_TIMEOUT_MS = 60_000;
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** A process whose root is an image's file system, as the image's user, with no other variables than the given ones. */
export interface Container {
  readonly output: () => string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

export interface ContainerOptions {
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Only root may change a process' root. */
export const canContain = process.platform === 'linux' && process.getuid?.() === 0;

export function startContainer(image: BuiltImage, options: ContainerOptions = {}): Container {
  nameLocalhost(image);
  const child = spawn(CHANGE_ROOT, chrootArguments(image, options.command), {
    env: variables(image, options),
    cwd: '/',
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void chunks.push(text));
  }
  const ended = once(child, 'close').then(([code]): number | null => (typeof code === 'number' ? code : null));
  return {
    output: () => chunks.join(''),
    ended,
    stop: () => stop(child, ended),
  };
}

/** Runs a command to its end. */
export function runInContainer(image: BuiltImage, options: ContainerOptions): { code: number | null; output: string } {
  nameLocalhost(image);
  const { status, stdout, stderr } = spawnSync(CHANGE_ROOT, chrootArguments(image, options.command), {
    env: variables(image, options),
    cwd: '/',
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, output: `${stdout}${stderr}` };
}

/** Lets the image's health check ask until the answer is yes. */
export async function untilHealthy(image: BuiltImage, container: Container, check: readonly string[]): Promise<void> {
  let gone = false;
  void container.ended.then(() => {
    gone = true;
  });
  const isHealthy = async (): Promise<boolean> => {
    if (gone) throw new Error(`the container has ended: ${container.output()}`);
    const [code] = await once(
      spawn(CHANGE_ROOT, ['--userspec', image.user ?? '', image.root, ...check], { env: { PATH: SYSTEM_PATH } }),
      'close',
    );
    return code === 0;
  };
  await until('the container is healthy', isHealthy, START_TIMEOUT_MS).catch((cause: unknown) => {
    throw new Error(`${cause instanceof Error ? cause.message : cause}; it said:\n${container.output()}`, { cause });
  });
}

/** Puts a volume's files where the container would find them, and the scratch space of a tmpfs. */
export function mountInto(image: BuiltImage, target: string, source: string | 'tmpfs'): void {
  const at = join(image.root, target);
  if (source === 'tmpfs') {
    mkdirSync(at, { recursive: true });
    chmodSync(at, 0o1777);
    return;
  }
  rmSync(at, { recursive: true, force: true });
  cpSync(source, at, { recursive: true, preserveTimestamps: true });
  spawnSync('chown', ['-R', image.user ?? '', at]);
}

/** An engine brings this file to every container. */
function nameLocalhost({ root }: BuiltImage): void {
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
}

// `chroot` starts in the new root: the image's own folder is where its command is looked for.
function chrootArguments(image: BuiltImage, command: readonly string[] = image.command): string[] {
  const inWorkdir = command.map((word) => (word.startsWith('dist/') ? join(image.workdir, word) : word));
  return ['--userspec', image.user ?? '', image.root, ...image.entrypoint, ...inWorkdir];
}

const variables = (image: BuiltImage, { env }: ContainerOptions) => ({
  PATH: '/usr/sbin:/usr/bin',
  ...image.env,
  ...env,
});

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}
