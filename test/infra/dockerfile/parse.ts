/** One step of a Dockerfile, as written: continuation lines joined, comments gone. */
export type Step =
  | { readonly kind: 'workdir'; readonly path: string }
  | {
      readonly kind: 'copy';
      /** The stage; undefined for the build context. */
      readonly from: string | undefined;
      /** `uid:gid`; root otherwise. */
      readonly chown: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly kind: 'run'; readonly mounts: readonly string[]; readonly command: string };

export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly steps: readonly Step[];
  /** What a container of the stage starts with. */
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly workdir: string;
  readonly ports: readonly number[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[] | undefined;
}

/**
 * Reads the Dockerfile instructions that this repository's images use.
 * @throws Error for every other one: what is not understood is not tested.
 */
export function parseDockerfile(text: string): Stage[] {
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
  const stages: Mutable<Stage>[] = [];
  for (const line of lines.map((raw) => raw.trim()).filter((raw) => raw !== '' && !raw.startsWith('#'))) {
    const [, word = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const [, base, name] = word === 'FROM' ? (/^(\S+)(?: AS (\S+))?$/.exec(rest) ?? []) : [];
    if (base !== undefined) stages.push(emptyStage(base, name));
    else read(stages.at(-1) ?? unknown(line), word, rest, line);
  }
  return stages;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function emptyStage(base: string, name: string | undefined): Mutable<Stage> {
  return {
    base,
    name,
    steps: [],
    env: {},
    user: undefined,
    workdir: '/',
    ports: [],
    entrypoint: [],
    command: [],
    healthcheck: undefined,
  };
}

function read(stage: Mutable<Stage>, word: string, rest: string, line: string): void {
  const { flags, args } = splitFlags(rest);
  switch (word) {
    case 'WORKDIR':
      stage.workdir = rest;
      stage.steps = [...stage.steps, { kind: 'workdir', path: rest }];
      return;
    case 'COPY': {
      const words = args.split(/\s+/);
      const target = words.pop() ?? unknown(line);
      const [from, chown] = [flags.get('from'), flags.get('chown')];
      stage.steps = [...stage.steps, { kind: 'copy', from: from?.[0], chown: chown?.[0], sources: words, target }];
      return;
    }
    case 'RUN':
      stage.steps = [...stage.steps, { kind: 'run', mounts: flags.get('mount') ?? [], command: args }];
      return;
    case 'ENV': {
      const [, name = '', value = ''] = /^(\w+)=(\S+)$/.exec(rest) ?? unknown(line);
      stage.env = { ...stage.env, [name]: value };
      return;
    }
    case 'USER':
      stage.user = rest;
      return;
    case 'EXPOSE':
      stage.ports = rest.split(/\s+/).map(Number);
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = execForm(rest);
      return;
    case 'CMD':
      stage.command = execForm(rest);
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = execForm(args.replace(/^CMD\s+/, ''));
      return;
    default:
      unknown(line);
  }
}

/** Splits `--name=value …` off the front. */
function splitFlags(text: string): { flags: Map<string, string[]>; args: string } {
  const flags = new Map<string, string[]>();
  let args = text;
  for (let flag = /^--([a-z-]+)=(\S+)\s+/.exec(args); flag !== null; flag = /^--([a-z-]+)=(\S+)\s+/.exec(args)) {
    const [whole, name = '', value = ''] = flag;
    flags.set(name, [...(flags.get(name) ?? []), value]);
    args = args.slice(whole.length);
  }
  return { flags, args };
}

/** The other form starts a shell. */
function execForm(text: string): string[] {
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words)) return unknown(text);
  return words.map(String);
}

function unknown(line: string): never {
  throw new Error(`Dockerfile: expected an instruction that this test understands, got ${line}`);
}
