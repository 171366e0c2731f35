import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CountersignError } from '@countersign/contract/errors';
import { CustodyError } from '@countersign/custody/error';
import { ConfigError } from '@countersign/runtime/config';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Acceptance } from './accept-policy.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { openPolicy, type PolicyInForce, type PolicyOptions, type PolicySource } from './policy-in-force.ts';

const sources: PolicySource[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source[Symbol.asyncDispose]();
});

function bundle(version: number, change: Partial<LoadedPolicy> = {}): LoadedPolicy {
  return {
    policy: { version, environment: 'test', keys: new Map() },
    keys: { keys: {} },
    digest: `policy ${version}`,
    keysDigest: 'keys',
    signedBy: [],
    ...change,
  };
}

const options = (change: Partial<PolicyOptions>): PolicyOptions => ({
  first: bundle(1),
  load: () => bundle(1),
  files: [],
  openCustodies: () => Promise.reject(new Error('not asked')),
  accept: async () => ({ accepted: true, isNew: true }),
  onChange: () => undefined,
  onError: () => undefined,
  onWaiting: () => undefined,
  onSame: () => undefined,
  ...change,
});

/** A source whose files and database are values; both may be set to fail. */
async function open(files: readonly string[] = []) {
  const seen = {
    read: bundle(1) as LoadedPolicy | Error,
    answer: { accepted: true, isNew: true } as Acceptance | Error,
    accepted: [] as string[],
    /** What was done with the custodies of other keys files. */
    custodies: [] as string[],
    place: 'open' as string | Error,
    changes: [] as PolicyInForce[],
    errors: [] as unknown[],
    waits: [] as unknown[],
    sames: 0,
    firstChange: Promise.withResolvers<void>(),
  };
  const source = await openPolicy({
    first: bundle(1),
    load: () => given(seen.read),
    files,
    openCustodies: async () => {
      seen.custodies.push(given(seen.place));
      return {
        use: () => void seen.custodies.push('use'),
        drop: async () => void seen.custodies.push('drop'),
      };
    },
    accept: async ({ digest }) => {
      seen.accepted.push(digest);
      return given(seen.answer);
    },
    onChange: (inForce) => {
      seen.changes.push(inForce);
      seen.firstChange.resolve();
    },
    onError: (error) => seen.errors.push(error),
    onWaiting: (error) => seen.waits.push(error),
    onSame: () => {
      seen.sames += 1;
    },
  });
  sources.push(source);
  return { source, seen };
}

function given<T>(value: T | Error): T {
  if (value instanceof Error) throw value;
  return value;
}

describe('at the start', () => {
  test('the first policy is accepted and in force', async () => {
    const { source, seen } = await open();
    expect(source.inForce()).toEqual({ policy: bundle(1).policy, digest: 'policy 1', version: 1n, signedBy: [] });
    expect(seen.accepted).toEqual(['policy 1']);
    expect(seen.changes).toEqual([]);
  });

  test('a first policy that is not accepted is no policy', async () => {
    const refused = openPolicy(
      options({ accept: async () => ({ accepted: false, problem: 'version: expected at least 2' }) }),
    );
    await expect(refused).rejects.toThrow(
      new ConfigError([{ where: 'POLICY_FILE', problem: 'version: expected at least 2' }]),
    );
  });

  test('a database that does not answer stops the start', async () => {
    const refused = openPolicy(options({ accept: () => Promise.reject(new Error('no database')) }));
    await expect(refused).rejects.toThrow('no database');
  });
});

describe('a reload', () => {
  test('puts a newer policy in force and tells of it', async () => {
    const { source, seen } = await open();
    seen.read = bundle(2);
    await source.reload();
    expect(source.inForce()).toEqual({ policy: bundle(2).policy, digest: 'policy 2', version: 2n, signedBy: [] });
    expect(seen.changes).toEqual([source.inForce()]);
    expect(seen.errors).toEqual([]);
  });

  test('of the same bundle asks nobody', async () => {
    const { source, seen } = await open();
    await source.reload();
    expect(seen.accepted).toEqual(['policy 1']);
    expect(seen.changes).toEqual([]);
  });

  test.each<[what: string, change: { read?: LoadedPolicy | Error; answer?: Acceptance | Error }, message: RegExp]>([
    [
      'a file that is bad',
      { read: new ConfigError([{ where: 'policy.yaml:3', problem: 'unknown word' }]) },
      /unknown word/,
    ],
    [
      'a policy that is refused',
      { read: bundle(2), answer: { accepted: false, problem: 'too old' } },
      /POLICY_FILE: too old/,
    ],
    ['a database that does not answer', { read: bundle(2), answer: new Error('no database') }, /no database/],
  ])('%s: the policy before stays whole', async (_, change, message) => {
    const { source, seen } = await open();
    const before = source.inForce();
    Object.assign(seen, change);
    await source.reload();
    expect(source.inForce()).toBe(before);
    expect(seen.changes).toEqual([]);
    expect(seen.errors).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })]);
    Object.assign(seen, { read: bundle(2), answer: { accepted: true, isNew: false } });
    await source.reload();
    expect(source.inForce().version).toBe(2n);
  });

  test('of another keys file opens its custodies before it is accepted, and uses them from then on', async () => {
    const { source, seen } = await open();
    seen.read = bundle(2, { keysDigest: 'others' });
    await source.reload();
    expect(seen.custodies).toEqual(['open', 'use']);
    seen.read = bundle(3, { keysDigest: 'others' });
    await source.reload();
    expect([source.inForce().version, seen.custodies]).toEqual([3n, ['open', 'use']]);
    seen.read = bundle(4);
    await source.reload();
    expect([source.inForce().version, seen.custodies]).toEqual([4n, ['open', 'use', 'open', 'use']]);
  });

  test.each<[what: string, answer: Acceptance | Error]>([
    ['refused', { accepted: false, problem: 'too old' }],
    ['not answered', new CountersignError('STORE_UNAVAILABLE', 'the database of the signer does not answer')],
  ])('that is %s lets go of the custodies that it opened', async (_, answer) => {
    const { source, seen } = await open();
    Object.assign(seen, { read: bundle(2, { keysDigest: 'others' }), answer });
    await source.reload();
    expect([source.inForce().version, seen.custodies]).toEqual([1n, ['open', 'drop']]);
    seen.answer = { accepted: true, isNew: true };
    await source.reload();
    expect([source.inForce().version, seen.custodies]).toEqual([2n, ['open', 'drop', 'open', 'use']]);
  });

  test('whose custodies cannot be opened asks no database; where their place does not answer it is asked again', async () => {
    const { source, seen } = await open();
    seen.read = bundle(2, { keysDigest: 'others' });
    seen.place = new CustodyError('MISCONFIGURED', 'key one: it is new: that needs a restart');
    await source.reload();
    expect([seen.errors, seen.waits]).toEqual([[seen.place], []]);
    seen.place = new CustodyError('UNAVAILABLE', 'key one: aws-kms: no answer');
    await source.reload();
    expect([seen.errors.length, seen.waits]).toEqual([1, [seen.place]]);
    const { sames, read } = seen;
    seen.read = bundle(1);
    await source.reload();
    expect(seen.sames).toBe(sames + 1);
    seen.read = read;
    expect([source.inForce().version, seen.accepted]).toEqual([1n, ['policy 1']]);
    seen.place = 'open';
    await seen.firstChange.promise;
    expect([source.inForce().version, seen.custodies]).toEqual([2n, ['open', 'use']]);
  });

  test('a request keeps the policy that it began with', async () => {
    const { source, seen } = await open();
    const begun = source.inForce();
    seen.read = bundle(2);
    await source.reload();
    expect(begun.version).toBe(1n);
  });

  test('reloads come one after the other, and the newest file is read last', async () => {
    const { source, seen } = await open();
    seen.read = bundle(2);
    const first = source.reload();
    seen.read = bundle(3);
    await Promise.all([first, source.reload()]);
    expect(seen.accepted.at(-1)).toBe('policy 3');
    expect(source.inForce().version).toBe(3n);
  });
});

describe('files', () => {
  let file: string;
  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'countersign-policy-')), 'policy.yaml');
    await writeFile(file, 'one');
  });
  afterEach(() => rm(dirname(file), { recursive: true }));

  test('that change are read again', async () => {
    const { source, seen } = await open([file]);
    seen.read = bundle(2);
    await writeFile(`${file}.new`, 'two');
    await rename(`${file}.new`, file);
    await seen.firstChange.promise;
    expect(source.inForce().version).toBe(2n);
  });

  test('are watched no more once it is closed, and no reload reads them', async () => {
    const { source, seen } = await open([file]);
    await source[Symbol.asyncDispose]();
    seen.read = bundle(2);
    await writeFile(file, 'two');
    await source.reload();
    expect(source.inForce().version).toBe(1n);
  });
});

test('a file that changed while the signer was starting is not missed', async () => {
  await using source = await openPolicy(options({ load: () => bundle(2) }));
  expect(source.inForce()).toMatchObject({ version: 2n, digest: 'policy 2' });
});

test('a policy that the database could not be asked about is asked about again', async () => {
  const changed = Promise.withResolvers<PolicyInForce>();
  const problems: unknown[] = [];
  const waits: unknown[] = [];
  const down = new CountersignError('STORE_UNAVAILABLE', 'the database of the signer does not answer');
  const answers = [() => Promise.resolve(), () => Promise.reject(down), () => Promise.reject(down)];
  let written = 1;
  await using source = await openPolicy(
    options({
      load: () => bundle(written),
      accept: async () => {
        await answers.shift()?.();
        return { accepted: true, isNew: true };
      },
      onChange: changed.resolve,
      onError: (error) => problems.push(error),
      onWaiting: (error) => waits.push(error),
      retryMs: 1,
    }),
  );
  written = 2;
  await source.reload();
  expect(source.inForce().version).toBe(1n);
  expect(await changed.promise).toMatchObject({ version: 2n });
  expect([problems, waits]).toEqual([[], [down, down]]);
});

test('files that are put back while the database could not be asked are asked about, since it may have accepted the others', async () => {
  const { source, seen } = await open();
  seen.read = bundle(2);
  seen.answer = new CountersignError('STORE_UNAVAILABLE', 'the database of the signer does not answer');
  await source.reload();
  expect(seen.waits).toHaveLength(1);
  seen.read = bundle(1);
  seen.answer = { accepted: false, problem: 'version: expected at least 2' };
  await source.reload();
  expect(seen.errors).toEqual([new ConfigError([{ where: 'POLICY_FILE', problem: 'version: expected at least 2' }])]);
  expect(source.inForce().version).toBe(1n);
});
