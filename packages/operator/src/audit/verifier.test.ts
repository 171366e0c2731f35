import { generateKeyPairSync } from 'node:crypto';
import { link } from '@countersign/audit/chain';
import { eventLine } from '@countersign/audit/line';
import { anEvent } from '@countersign/audit/testing/an-event';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LogWriter, openLogWriter } from '../../testing/exported-log.ts';
import { createVerifier, type Report, type VerifyOptions } from './verifier.ts';

const NO_OPTIONS: VerifyOptions = { checkpointKeys: [], expectedHeads: [], chains: undefined, partial: false };

/** Verifies files of whole lines. */
function verify(
  writer: LogWriter,
  files: readonly (readonly string[])[],
  options: Partial<VerifyOptions> = {},
): Report {
  const verifier = createVerifier({ ...NO_OPTIONS, checkpointKeys: [writer.publicKey], ...options });
  for (const [i, lines] of files.entries()) {
    verifier.nextFile();
    for (const [j, line] of lines.entries()) verifier.line(line.slice(0, -1), { file: `file${i}`, line: j + 1 });
  }
  return verifier.end();
}

/** One line of a log, and what is in it. */
type Written = { readonly text: string } & ({ readonly sequence: bigint } | { readonly checkpoint: bigint });

/** A log of one chain. `e` is an event, `c` a checkpoint over what came before. */
function write(plan: readonly ('e' | 'c')[]): { writer: LogWriter; lines: Written[] } {
  const writer = openLogWriter();
  let [sequence, checkpoint] = [0n, 0n];
  const lines = plan.map((kind): Written => {
    if (kind === 'e') return { text: writer.event('signer-0'), sequence: ++sequence };
    return { text: writer.checkpoint(), checkpoint: ++checkpoint };
  });
  return { writer, lines };
}

/** A log that begins and ends with an event, and has a checkpoint. */
const someLog = fc
  .array(fc.constantFrom('e' as const, 'e' as const, 'c' as const), { minLength: 1, maxLength: 20 })
  .map((plan) => write(['e', 'c', ...plan, 'e']));

const nameOf = (line: Written | undefined) => {
  if (line === undefined) throw new Error('expected a line');
  return 'sequence' in line ? { chain: 'signer-0', sequence: line.sequence } : { checkpoint: line.checkpoint };
};
const textsOf = (lines: readonly Written[]) => lines.map(({ text }) => text);
const place = fc.nat().map((x) => (length: number) => x % length);

/** Verifies one file, by the keys and by its known end. */
function verifyOne(
  { writer, lines }: { writer: LogWriter; lines: readonly Written[] },
  texts: readonly string[],
): Report {
  const { sequence } = writer.head('signer-0');
  expect(lines.filter((line) => 'sequence' in line)).toHaveLength(Number(sequence));
  return verify(writer, [texts], { expectedHeads: [{ chain: 'signer-0', ...writer.head('signer-0') }] });
}

describe('a log of one replica', () => {
  test('is intact as it was written, also where a crash has repeated some of its end', () => {
    fc.assert(
      fc.property(someLog, place, place, (log, from, until) => {
        const texts = textsOf(log.lines);
        expect(verifyOne(log, texts)).toMatchObject({ verdict: 'intact', problems: [], notes: [] });
        const [start, end] = [from(texts.length), until(texts.length + 1)].toSorted((a, b) => a - b);
        const repeated = [...texts.slice(0, end), ...texts.slice(start, end), ...texts.slice(end)];
        const report = verifyOne(log, repeated);
        expect(report).toMatchObject({ verdict: 'intact', repeated: (end ?? 0) - (start ?? 0) });
      }),
    );
  });

  test('any change of a character is found where it was made', () => {
    fc.assert(
      fc.property(someLog, place, place, fc.constantFrom(...'"{}[],:019afz \\'), (log, at, where, character) => {
        const texts = textsOf(log.lines);
        const index = at(texts.length);
        const text = texts[index] ?? '';
        const position = where(text.length - 1);
        fc.pre(text[position] !== character);
        const changed = text.slice(0, position) + character + text.slice(position + 1);
        // A space more or less between members says nothing else.
        fc.pre(JSON.stringify(parse(changed)) !== JSON.stringify(parse(text)));
        const { verdict, problems } = verifyOne(log, texts.with(index, changed));
        expect(verdict).toBe('not intact');
        expect(problems[0]).toMatchObject({ file: 'file0', line: index + 1 });
      }),
      { numRuns: 200 },
    );
  });

  test('a dropped line is named', () => {
    fc.assert(
      fc.property(someLog, place, (log, at) => {
        const index = at(log.lines.length);
        const dropped = log.lines[index];
        const rest = log.lines.filter((_, i) => i !== index);
        // The first checkpoint of a log may be any, and after the last one there may be no other.
        const isCheckpoint = (line: Written) => 'checkpoint' in line;
        if (dropped && isCheckpoint(dropped)) {
          fc.pre(rest.slice(0, index).some(isCheckpoint) && rest.slice(index).some(isCheckpoint));
        }
        const { verdict, problems } = verifyOne(log, textsOf(rest));
        expect(verdict).toBe('not intact');
        expect(problems[0]).toMatchObject(nameOf(dropped));
      }),
    );
  });

  test('two lines that changed places are found at the first', () => {
    fc.assert(
      fc.property(someLog, place, place, (log, one, other) => {
        const [a = 0, b = 0] = [one(log.lines.length), other(log.lines.length)].toSorted((x, y) => x - y);
        const [first, second] = [log.lines[a], log.lines[b]];
        fc.pre(a !== b && first !== undefined && second !== undefined);
        fc.pre('sequence' in Object(first) === 'sequence' in Object(second));
        const texts = textsOf(log.lines);
        const { verdict, problems } = verifyOne(log, texts.with(a, texts[b] ?? '').with(b, texts[a] ?? ''));
        expect(verdict).toBe('not intact');
        if ('sequence' in Object(first)) expect(problems[0]).toMatchObject(nameOf(first));
        // The first checkpoint of a log may be any: then it is one behind it that is out of its place.
        else expect(problems[0]?.line).toBeLessThanOrEqual(b + 1);
      }),
    );
  });

  test('a second event at one place is a fork, whatever it says', () => {
    fc.assert(
      fc.property(someLog, place, place, (log, at, behind) => {
        const events = log.lines.filter((line) => 'sequence' in line);
        const line = events[at(events.length)];
        if (line === undefined) throw new Error('expected an event');
        const { previousHash, chain, sequence } = JSON.parse(line.text);
        const event = anEvent();
        const next = link(chain, { sequence: BigInt(sequence) - 1n, hash: previousHash }, event);
        const texts = textsOf(log.lines);
        const index = log.lines.indexOf(line) + 1 + behind(texts.length - log.lines.indexOf(line));
        texts.splice(index, 0, eventLine({ chain, ...next, event: JSON.stringify(event) }));
        const { verdict, problems } = verifyOne(log, texts);
        expect(verdict).toBe('not intact');
        expect(problems[0]).toMatchObject({
          ...nameOf(line),
          line: index + 1,
          problem: expect.stringMatching(/^a fork/),
        });
      }),
    );
  });

  test('a history that was written anew from some event on is found, without its known end, up to the last checkpoint', () => {
    fc.assert(
      fc.property(someLog, place, ({ writer, lines }, at) => {
        const events = lines.filter((line) => 'sequence' in line);
        const start = at(events.length);
        const covered = lines.findLastIndex((line) => 'checkpoint' in line);
        const first = events[start];
        fc.pre(first !== undefined && lines.indexOf(first) < covered);
        let head: { sequence: bigint; hash: string } | undefined;
        const texts = lines.map((line) => {
          if (!('sequence' in line)) return line.text;
          const { hash, chain, event } = JSON.parse(line.text);
          if (line.sequence < (first?.sequence ?? 0n)) {
            head = { sequence: line.sequence, hash };
            return line.text;
          }
          const changed = { ...event, eventTime: '2020-01-01T00:00:00.000Z' };
          const next = link(chain, head, changed);
          head = next;
          return eventLine({ chain, ...next, event: JSON.stringify(changed) });
        });
        const { verdict, problems } = verify(writer, [texts]);
        expect(verdict).toBe('not intact');
        expect(problems[0]).toMatchObject({
          chain: 'signer-0',
          problem: expect.stringMatching(/^checkpoint \d+ knows another event here/),
        });
      }),
    );
  });

  test('an end that was cut off is found by its known head, and the first missing event named', () => {
    fc.assert(
      fc.property(someLog, place, (log, at) => {
        const index = at(log.lines.length);
        const { verdict, problems } = verifyOne(log, textsOf(log.lines.slice(0, index)));
        const missing = log.lines.slice(index).find((line) => 'sequence' in line);
        expect(verdict).toBe('not intact');
        expect(problems[0]).toMatchObject(nameOf(missing));
      }),
    );
  });

  test('events that were cut off from under a checkpoint are found without it', () => {
    const { writer, lines } = write(['e', 'e', 'c', 'e', 'e', 'c']);
    const texts = textsOf(lines);
    expect(verify(writer, [[...texts.slice(0, 4), ...texts.slice(5)]])).toMatchObject({
      verdict: 'not intact',
      problems: [{ chain: 'signer-0', sequence: 4n, problem: 'it is missing: checkpoint 2 knows events up to 4' }],
    });
    expect(verify(writer, [[texts[5] ?? '']]).problems).toMatchObject([{ chain: 'signer-0', sequence: 1n }]);
  });
});

describe('what cannot be told', () => {
  const { writer, lines } = write(['e', 'c', 'e']);
  const texts = textsOf(lines);
  test.each<[what: string, texts: readonly string[], options: Partial<VerifyOptions>]>([
    ['no events', [], {}],
    ['checkpoints, and no key for them', texts, { checkpointKeys: [] }],
    ['a key, and no checkpoints', texts.filter((_, i) => i !== 1), {}],
  ])('%s', (_, some, options) => {
    expect(verify(writer, [some], options)).toMatchObject({ verdict: 'unknown', problems: [] });
  });

  test('the end behind the last checkpoint: a note says so', () => {
    expect(verify(writer, [texts])).toMatchObject({
      verdict: 'intact',
      notes: [expect.stringMatching(/behind event 1:/)],
    });
    const bare = texts.filter((_, i) => i !== 1);
    expect(verify(writer, [bare], { checkpointKeys: [] })).toMatchObject({
      verdict: 'intact',
      notes: [expect.stringMatching(/behind event 0:/)],
    });
  });
});

describe('checkpoints', () => {
  test('of another key, or that only claim a key, are no witnesses', () => {
    const { writer, lines } = write(['e', 'c']);
    const stranger = { ...writer, publicKey: generateKeyPairSync('ed25519').publicKey };
    expect(verify(stranger, [textsOf(lines)]).problems).toMatchObject([
      { checkpoint: 1n, problem: expect.stringMatching(/another key/) },
    ]);
    const forger = openLogWriter({ ...generateKeyPairSync('ed25519'), publicKey: writer.publicKey });
    const forged = [forger.event('signer-0'), forger.checkpoint()];
    expect(verify(writer, [forged]).problems).toMatchObject([
      { checkpoint: 1n, problem: 'its signature is not valid' },
    ]);
  });

  test('of two histories are a fork, even where both are signed', () => {
    const pair = generateKeyPairSync('ed25519');
    const [one, other] = [openLogWriter(pair), openLogWriter(pair)];
    const first = [one.event('signer-0'), one.checkpoint()];
    const second = [other.event('signer-1'), other.checkpoint()];
    expect(verify(one, [first, second])).toMatchObject({
      verdict: 'not intact',
      problems: [{ file: 'file1', line: 2, checkpoint: 1n, problem: 'a fork: two checkpoints with this number' }],
    });
  });
});

describe('several files', () => {
  /** Two replicas, and the file of the first rotated once: it begins with the checkpoint before. */
  function replicas() {
    const writer = openLogWriter();
    const [a, b] = [
      ['signer-0', 'signer-0'],
      ['signer-1', 'signer-1'],
    ].map((chains) => chains.map((chain) => writer.event(chain)));
    const first = writer.checkpoint();
    const [c, d] = ['signer-0', 'signer-1'].map((chain) => writer.event(chain));
    const second = writer.checkpoint();
    const old = [...(a ?? []), first];
    const rotated = [first, c ?? '', second];
    const other = [...(b ?? []), first, d ?? '', second];
    return { writer, old, rotated, other };
  }

  test('are one log, in any order of the replicas', () => {
    const { writer, old, rotated, other } = replicas();
    for (const files of [
      [old, rotated, other],
      [other, old, rotated],
    ]) {
      expect(verify(writer, files)).toMatchObject({
        verdict: 'intact',
        notes: [],
        chains: expect.arrayContaining([
          expect.objectContaining({ chain: 'signer-0', from: 1n, to: 3n, witnessed: 3n }),
          expect.objectContaining({ chain: 'signer-1', from: 1n, to: 3n, witnessed: 3n }),
        ]),
      });
    }
  });

  test('a chain whose file is not given is missed, unless it is not asked for', () => {
    const { writer, old, rotated } = replicas();
    expect(verify(writer, [old, rotated]).problems).toMatchObject([{ chain: 'signer-1', sequence: 1n }]);
    expect(verify(writer, [old, rotated], { chains: ['signer-0'] })).toMatchObject({ verdict: 'intact' });
    expect(verify(writer, [old, rotated], { chains: ['signer-9'] }).problems).toMatchObject([
      { chain: 'signer-9', sequence: 1n, problem: 'no event of it is here' },
    ]);
  });

  test('a file in the middle of a chain is one only where that is said; what its checkpoint knows of before is checked', () => {
    const { writer, rotated } = replicas();
    const chains = ['signer-0'];
    expect(verify(writer, [rotated], { chains }).problems).toMatchObject([{ chain: 'signer-0', sequence: 1n }]);
    expect(verify(writer, [rotated], { chains, partial: true })).toMatchObject({
      verdict: 'intact',
      chains: [{ chain: 'signer-0', from: 3n, to: 3n }],
    });
    const other = openLogWriter();
    for (let i = 0; i < 2; i++) other.event('signer-0');
    const forked = [rotated[0] ?? '', other.event('signer-0')];
    expect(verify(writer, [forked], { chains, partial: true }).problems).toMatchObject([
      { chain: 'signer-0', sequence: 3n, problem: expect.stringMatching(/^checkpoint 1 knows another event/) },
    ]);
  });

  test('a checkpoint that comes too late to be compared leaves doubt, and its file before the others takes it away', () => {
    const writer = openLogWriter();
    const events = [writer.event('signer-0')];
    const first = writer.checkpoint();
    for (let i = 0; i < 4; i++) events.push(writer.event('signer-0'));
    const other = writer.event('signer-1');
    const second = writer.checkpoint();
    // The first replica has a file since the second checkpoint only; then it was given all its events.
    const files = [
      [...events, second],
      [first, other, second],
    ];
    expect(verify(writer, files, { remembered: 4 })).toMatchObject({
      verdict: 'unknown',
      problems: [],
      notes: [
        'checkpoint 1 stands too far behind event 1 of chain signer-0 to be compared with it: give the file that checkpoint 1 is in before those of signer-0',
      ],
    });
    expect(verify(writer, files, { remembered: 5 })).toMatchObject({ verdict: 'intact', notes: [] });
    expect(verify(writer, files.toReversed(), { remembered: 4 })).toMatchObject({ verdict: 'intact', notes: [] });
  });

  test('a checkpoint that is missing between two files is named', () => {
    const { writer, lines } = write(['e', 'c', 'e', 'c', 'e', 'c']);
    const texts = textsOf(lines);
    expect(verify(writer, [texts.slice(0, 3), texts.slice(4)]).problems).toMatchObject([{ checkpoint: 2n }]);
  });
});

test('a member that stands twice in a line is no JSON of ours', () => {
  const { writer, lines } = write(['e', 'c']);
  const [event = '', checkpoint = ''] = textsOf(lines);
  const twice = event.replace('"event":', '"event":{"eventName":"Other"},"event":');
  expect(JSON.stringify(parse(twice))).toBe(JSON.stringify(parse(event)));
  expect(verify(writer, [[twice, checkpoint]]).problems).toMatchObject([
    { file: 'file0', line: 1, problem: 'not JSON as a signer writes it' },
    { chain: 'signer-0', sequence: 1n },
  ]);
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
