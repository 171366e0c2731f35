import { approveCommand } from './approve/approve-command.ts';
import type { Command, Io } from './command.ts';
import { ClientError } from './error.ts';
import { payoutsGetCommand } from './payouts/get-command.ts';
import { payoutsListCommand } from './payouts/list-command.ts';

const COMMANDS: readonly Command[] = [approveCommand, payoutsListCommand, payoutsGetCommand];

/** Runs one command. @returns the exit code: 0 done, 1 the answer is no, 2 cannot be answered. */
export async function countersign(args: readonly string[], io: Io): Promise<number> {
  const [first = ''] = args;
  if (['', 'help', '--help', '-h'].includes(first)) {
    io.out(usage());
    return 0;
  }
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, i) => args[i] === word));
  if (command === undefined) {
    io.err(usage());
    return 2;
  }
  try {
    await command.run(args.slice(command.name.split(' ').length), io);
    return 0;
  } catch (error) {
    if (error instanceof ClientError) return tell(error, command, io);
    if (!isParseArgsError(error)) throw error;
    return tell(new ClientError('USAGE', error.message), command, io);
  }
}

function tell({ code, message }: ClientError, { name, parameters }: Command, io: Io): number {
  io.err(`${message}\n`);
  if (code === 'USAGE') io.err(`usage: countersign ${name} ${parameters}\n`);
  return code === 'API_REFUSED' || code === 'NOT_CONFIRMED' ? 1 : 2;
}

function usage(): string {
  const lines = COMMANDS.flatMap(({ name, parameters, summary }) => [`  ${name} ${parameters}`, `      ${summary}`]);
  const key = 'The API key is read from --api-key-file, or from COUNTERSIGN_API_KEY.';
  return ['usage: countersign COMMAND', '', ...lines, '', key, ''].join('\n');
}

function isParseArgsError(error: unknown): error is { readonly message: string } {
  const isError = typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
  return isError && String(error.code).startsWith('ERR_PARSE_ARGS');
}
