import { CustodyError } from '@countersign/custody/error';
import { examineKeys, type KeyReport } from '@countersign/custody/examine-key';
import type { Finding } from '@countersign/custody/finding';
import { surroundingsOf } from '@countersign/custody/surroundings';
import { ConfigError } from '@countersign/runtime/config';
import type { Command } from '../command.ts';
import { readKeys } from './read-keys.ts';

/** Of one key. */
const TIMEOUT_MS = 20_000;

/** Looks at each custody of each key as a signer would, with the variables and the credentials of whoever runs it. */
export const keysDoctorCommand: Command = {
  name: 'keys doctor',
  parameters: '[KEY…] [--keys FILE] [--json]',
  summary: 'look at what a signer needs of its keys, and say what to do; signs nothing (variables: the signer’s)',
  run: async (args, io) => {
    const { keys, config: places, json } = readKeys(args, io);
    const reports = await examineKeys({ keys, places }, surroundingsOf(io.env), TIMEOUT_MS).catch((error: unknown) => {
      if (!(error instanceof CustodyError)) throw error;
      throw new ConfigError([{ where: 'keys doctor', problem: error.message }]);
    });
    io.out(json ? `${JSON.stringify(reports, undefined, 2)}\n` : reports.map(text).join('\n'));
    const findings = reports.flatMap(({ custodies }) => custodies.flatMap((one) => one.findings));
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
};

function text({ id, custodies }: KeyReport): string {
  const lines = custodies.flatMap(({ path, backend, findings }) => [
    `  ${path}: ${backend}`,
    ...findings.flatMap(findingLines),
  ]);
  return [id, ...lines, ''].join('\n');
}

function findingLines({ name, ok, detail, advice }: Finding): string[] {
  const line = `    ${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(12)}  ${detail}`;
  return advice === undefined ? [line] : [line, `${' '.repeat(24)}→ ${advice}`];
}
