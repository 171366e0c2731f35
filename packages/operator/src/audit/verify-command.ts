import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError } from '@countersign/runtime/config';
import { type Command, UsageError } from '../command.ts';
import type { Place } from './exported-line.ts';
import type { Problem } from './problem.ts';
import { readLines } from './read-lines.ts';
import { unreadable } from './unreadable.ts';
import { createVerifier, type Report, type Verifier } from './verifier.ts';

const EXIT = { intact: 0, 'not intact': 1, unknown: 2 } as const;
const MOST_SHOWN = 20;

/** Checks an exported audit log offline: nothing but the files is asked. */
export const auditVerifyCommand: Command = {
  name: 'audit verify',
  parameters:
    'FILE… [--checkpoint-key PUB.pem]… [--expect-head CHAIN:SEQUENCE:HASH]… [--chain CHAIN]… [--partial] [--json]',
  summary: 'check an exported audit log, and name the first bad event',
  run: async (args, io) => {
    const { values, positionals: files } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'checkpoint-key': { type: 'string', multiple: true, default: [] },
        'expect-head': { type: 'string', multiple: true, default: [] },
        chain: { type: 'string', multiple: true },
        partial: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    if (files.length === 0) throw new UsageError('expected files, the oldest of each replica first');
    const verifier = createVerifier({
      checkpointKeys: values['checkpoint-key'].flatMap(readPublicKeys),
      expectedHeads: values['expect-head'].map(readHead),
      chains: values.chain,
      partial: values.partial,
    });
    for (const file of files) await readInto(verifier, file);
    const report = verifier.end();
    io.out(values.json ? `${JSON.stringify(report, bigintAsText)}\n` : shown(report));
    return EXIT[report.verdict];
  },
};

async function readInto(verifier: Verifier, file: string): Promise<void> {
  verifier.nextFile();
  try {
    for await (const { text, number, torn } of readLines(file)) {
      if (torn) verifier.torn({ file, line: number });
      else verifier.line(text, { file, line: number });
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

const BLOCK = /-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g;

function readPublicKeys(file: string): KeyObject[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  const keys = (text.match(BLOCK) ?? []).map((pem) => createPublicKey(pem));
  if (keys.length === 0 || keys.some(({ asymmetricKeyType }) => asymmetricKeyType !== 'ed25519')) {
    throw new ConfigError([{ where: file, problem: 'expected PUBLIC KEYs (SPKI, PEM) of Ed25519' }]);
  }
  return keys;
}

function readHead(text: string): Place {
  const [, chain = '', sequence = '', hash = ''] = /^(.+):([1-9][0-9]{0,18}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (chain === '') throw new UsageError(`--expect-head: expected CHAIN:SEQUENCE:HASH, got ${text}`);
  return { chain, sequence: BigInt(sequence), hash };
}

const bigintAsText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);

function shown({ verdict, problems, chains, checkpoints, transactions, repeated, notes }: Report): string {
  const { checked, withoutBytes } = transactions;
  const words = verdict === 'unknown' ? 'cannot tell' : verdict;
  return [
    words,
    ...problems.slice(0, MOST_SHOWN).map((problem) => `  ${shownProblem(problem)}`),
    ...(problems.length > MOST_SHOWN ? [`  and ${problems.length - MOST_SHOWN} more`] : []),
    ...chains.map(
      ({ chain, from, to, hash }) => `chain ${chain}: events ${from} to ${to}, head ${chain}:${to}:${hash}`,
    ),
    checkpoints === undefined ? 'checkpoints: none' : `checkpoints: ${checkpoints.from} to ${checkpoints.to}`,
    `transactions: ${checked} decoded anew${withoutBytes > 0 ? `, ${withoutBytes} without their bytes` : ''}`,
    ...(repeated > 0 ? [`lines that are there twice, as after a crash: ${repeated}`] : []),
    ...notes.map((note) => `note: ${note}`),
    '',
  ].join('\n');
}

function shownProblem({ file, line, chain, sequence, checkpoint, problem }: Problem): string {
  const where = file === undefined ? [] : [`${file}:${line}`];
  const event = chain === undefined ? [] : [`chain ${chain}, event ${sequence}`];
  const number = checkpoint === undefined ? [] : [`checkpoint ${checkpoint}`];
  return [...where, ...event, ...number, problem].join(': ');
}
