import { execFile } from 'node:child_process';
import { chownSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { copyContext } from './context.ts';
import { parseDockerfile, type Stage, type Step } from './parse.ts';

const run = promisify(execFile);
const STEP_TIMEOUT_MS = 120_000;

/** The cache of downloads that a step mounts. This machine's own package store is one. */
const STORE_MOUNT = 'type=cache,target=/root/.local/share/pnpm/store';

export interface Builder {
  /** Builds an image and returns its last stage, with the file system that a container would find. */
  build(dockerfile: string): Promise<BuiltImage>;
}

export interface BuiltImage extends Stage {
  /** The root of the file system. */
  readonly root: string;
}

/**
 * Does what the steps of Dockerfiles say, each stage in a folder that stands for its root. The base of the first stage is
 * this machine: its Node, its libraries. Steps run where WORKDIR says, so a command that names an absolute path would reach
 * this machine, and is refused. As with an engine's cache, a step that several Dockerfiles have is done once.
 */
export function createBuilder(repository: string, folder: string): Builder {
  const done = new Map<string, Promise<void>>();

  async function build(dockerfile: string): Promise<BuiltImage> {
    const stages = parseDockerfile(readFileSync(join(repository, dockerfile), 'utf8'));
    const roots = new Map<string, string>();
    for (const [index, stage] of stages.entries()) {
      const isLast = index === stages.length - 1;
      // The first stages share a folder: where they differ, they write to places of their own.
      const root = join(folder, isLast ? dockerfile.replaceAll('/', '-') : `stage-${index}`);
      mkdirSync(root, { recursive: true });
      if (stage.name !== undefined) roots.set(stage.name, root);
      await steps(stage, root, roots);
      if (isLast) return { ...stage, root };
    }
    throw new Error(`${dockerfile}: no stage`);
  }

  async function steps(stage: Stage, root: string, roots: ReadonlyMap<string, string>): Promise<void> {
    let workdir = '/';
    for (const step of stage.steps) {
      if (step.kind === 'workdir') workdir = step.path;
      const key = `${root} ${workdir} ${JSON.stringify(step)}`;
      const started = done.get(key) ?? perform(step, root, workdir, roots);
      done.set(key, started);
      await started;
    }
  }

  async function perform(step: Step, root: string, workdir: string, roots: ReadonlyMap<string, string>): Promise<void> {
    const cwd = join(root, workdir);
    mkdirSync(cwd, { recursive: true });
    if (step.kind === 'run') await execute(step, cwd);
    if (step.kind === 'copy') copy(step, root, cwd, roots);
  }

  function copy(step: Step & { kind: 'copy' }, root: string, cwd: string, roots: ReadonlyMap<string, string>): void {
    const target = step.target.startsWith('/') ? join(root, step.target) : join(cwd, step.target);
    if (step.from === undefined) {
      if (step.sources.join() !== '.') throw new Error(`COPY: expected the whole context, got ${step.sources.join()}`);
      copyContext(repository, target);
      return;
    }
    const from = roots.get(step.from);
    if (from === undefined) throw new Error(`COPY: expected a stage of this file, got ${step.from}`);
    for (const source of step.sources.map((path) => join(from, path))) {
      mkdirSync(dirname(target), { recursive: true });
      cpSync(source, target, { recursive: true, verbatimSymlinks: true });
      if (step.chown !== undefined) chownAll(target, step.chown);
    }
  }

  return { build };
}

async function execute({ command, mounts }: Step & { kind: 'run' }, cwd: string): Promise<void> {
  const strange = mounts.find((mount) => mount !== STORE_MOUNT);
  if (strange !== undefined) throw new Error(`RUN: expected the mount ${STORE_MOUNT}, got ${strange}`);
  if (/(^|[\s=:])\//.test(command)) throw new Error(`RUN: expected paths below the work folder, got ${command}`);
  const { PATH = '', NODE_ENV: _, ...env } = process.env;
  try {
    await run('/bin/sh', ['-c', command], {
      cwd,
      // The base image's `node` is the one that runs this.
      env: { ...env, PATH: `${dirname(process.execPath)}:${PATH}`, NODE_OPTIONS: '' },
      timeout: STEP_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (cause) {
    const said =
      cause instanceof Error && 'stdout' in cause && 'stderr' in cause ? `${cause.stdout}${cause.stderr}` : '';
    throw new Error(`RUN ${command}\n${said}`, { cause });
  }
}

function chownAll(path: string, owner: string): void {
  if (process.getuid?.() !== 0) return;
  const [uid = Number.NaN, gid = Number.NaN] = owner.split(':').map(Number);
  chownSync(path, uid, gid);
  if (!existsSync(path) || !lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) chownAll(join(path, name), owner);
}
