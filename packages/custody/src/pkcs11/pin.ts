import { execFile } from 'node:child_process';
import { ConfigError } from '@countersign/runtime/config';
import { readPrivateBytes } from '@countersign/runtime/private-file';
import { Pkcs11Failure } from './failure.ts';

/** Where a token's PIN is read, at each login anew: never in a variable or an argument, which others may read. */
export interface PinSource {
  /** Absolute path of a file that no other user may read. */
  readonly file?: string | undefined;
  /** A program and its arguments, which prints the PIN. It is run without a shell. */
  readonly command?: readonly string[] | undefined;
}

const COMMAND_MS = 10_000;
const MOST_BYTES = 1024;
const LINE_END = [0x0a, 0x0d];

/**
 * The PIN, without the end of its line; to be overwritten by the caller.
 * @param env of which the command gets PATH alone: the signer's environment may hold seeds
 * @throws Pkcs11Failure `PIN_UNREADABLE`, naming the file, or how the command ended, and nothing that was read
 */
export async function readPin(
  { file, command }: PinSource,
  env: NodeJS.ProcessEnv,
  commandMs = COMMAND_MS,
): Promise<Buffer> {
  const bytes = file === undefined ? await printedBy(command ?? [], env, commandMs) : readFrom(file);
  let end = bytes.length;
  while (LINE_END.includes(bytes[end - 1] ?? -1)) end--;
  if (end === 0)
    throw unreadable(`expected a PIN ${file === undefined ? 'from the command' : `in ${file}`}, got nothing`);
  return bytes.subarray(0, end);
}

const unreadable = (why: string) => new Pkcs11Failure('PIN_UNREADABLE', `pin: ${why}`, { retryable: true, down: true });

function readFrom(file: string): Buffer {
  try {
    const { buffer, byteOffset, byteLength } = readPrivateBytes(file);
    return Buffer.from(buffer, byteOffset, byteLength);
  } catch (error) {
    throw error instanceof ConfigError ? unreadable(error.message) : error;
  }
}

function printedBy(
  [program = '', ...args]: readonly string[],
  { PATH }: NodeJS.ProcessEnv,
  timeout: number,
): Promise<Buffer> {
  const options = {
    encoding: 'buffer',
    env: { PATH },
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_BYTES,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout) => {
      if (error === null) return resolve(stdout);
      stdout.fill(0);
      // Its message holds the arguments and what the program wrote.
      const why = error.killed ? `no end in ${timeout} ms` : `${error.code ?? error.signal}`;
      reject(unreadable(`the command ${program} failed: ${why}`));
    });
  });
}
