import type { Command } from '../command.ts';
import { custodyText, describeKey, type KeyDescription } from './describe-key.ts';
import { readKeys } from './read-keys.ts';

/** The keys of a keys file, a line each. */
export const keysListCommand: Command = {
  name: 'keys list',
  parameters: '[--keys FILE] [--json]',
  summary: 'the keys of KEYS_FILE: id, algorithm, address, custodies',
  run: async (args, io) => {
    const { keys, json } = readKeys(args, io);
    const described = keys.map(([id, key]) => describeKey(id, key));
    if (json) io.out(`${JSON.stringify(described, undefined, 2)}\n`);
    const width = Math.max(...described.map(({ id }) => id.length));
    const line = ({ id, algorithm, address, custodies }: KeyDescription) =>
      `${id.padEnd(width)}  ${algorithm.padEnd(9)}  ${address.padEnd(56)}  ${Object.entries(custodies)
        .map(([path, custody]) => `${path}: ${custody.backend}`)
        .join(', ')}\n`;
    if (!json) io.out(described.map(line).join(''));
    return 0;
  },
};

/** Everything that the keys file says of some keys. */
export const keysShowCommand: Command = {
  name: 'keys show',
  parameters: 'KEY… [--keys FILE] [--json]',
  summary: 'one key or several: public key, address, and where each custody is',
  run: async (args, io) => {
    const { keys, json } = readKeys(args, io);
    const described = keys.map(([id, key]) => describeKey(id, key));
    io.out(json ? `${JSON.stringify(described, undefined, 2)}\n` : described.map(text).join('\n'));
    return 0;
  },
};

function text({ id, algorithm, publicKey, address, custodies }: KeyDescription): string {
  const places = Object.entries(custodies).map(([path, custody]) => `  ${path.padEnd(10)}  ${custodyText(custody)}`);
  return [
    id,
    `  algorithm   ${algorithm}`,
    `  public key  ${publicKey}`,
    `  address     ${address}`,
    ...places,
    '',
  ].join('\n');
}
