import { types } from 'node:util';
import { ConfigError } from '@countersign/runtime/config';
import { auditSearchCommand } from './audit/search-command.ts';
import { auditVerifyCommand } from './audit/verify-command.ts';
import { type Command, type Io, UsageError } from './command.ts';
import { freezeCommand, frozenCommand, unfreezeCommand } from './freeze/freeze-commands.ts';
import { keysDoctorCommand } from './keys/doctor-command.ts';
import { keysListCommand, keysShowCommand } from './keys/list-command.ts';
import { keysGenerateCommand, keysRegisterCommand } from './keys/register-command.ts';
import { keysShadowReportCommand } from './keys/shadow-report-command.ts';
import { policyBundleCommand } from './policy/bundle-command.ts';
import { policyCheckCommand } from './policy/check-command.ts';
import { policyExplainCommand } from './policy/explain-command.ts';
import { policySchemaCommand } from './policy/schema-command.ts';

const COMMANDS: readonly Command[] = [
  policyCheckCommand,
  policyExplainCommand,
  policyBundleCommand,
  policySchemaCommand,
  auditVerifyCommand,
  auditSearchCommand,
  keysListCommand,
  keysShowCommand,
  keysRegisterCommand,
  keysGenerateCommand,
  keysDoctorCommand,
  keysShadowReportCommand,
  freezeCommand,
  unfreezeCommand,
  frozenCommand,
];

/** Runs one command. @returns the exit code: 0 done, 1 the answer is no, 2 cannot be answered. */
export async function signerctl(args: readonly string[], io: Io): Promise<number> {
  const [group = '', verb = '', ...rest] = args;
  if (['', 'help', ...HELP].includes(group)) {
    io.out(usage(COMMANDS));
    return 0;
  }
  const command = COMMANDS.find(({ name }) => name === `${group} ${verb}` || name === group);
  if (command === undefined) {
    const ofGroup = COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
    if (HELP.includes(verb) && ofGroup.length > 0) {
      io.out(usage(ofGroup));
      return 0;
    }
    io.err(`signerctl: no command ${group} ${verb}\n${usage(ofGroup.length > 0 ? ofGroup : COMMANDS)}`);
    return 2;
  }
  if (args.some((arg) => HELP.includes(arg))) {
    io.out(usage([command]));
    return 0;
  }
  try {
    return await command.run(command.name === group ? args.slice(1) : rest, io);
  } catch (error) {
    if (error instanceof UsageError || isParseArgsError(error)) {
      io.err(`${error.message}\nusage: ${`signerctl ${command.name} ${command.parameters}`.trimEnd()}\n`);
      return 2;
    }
    if (!(error instanceof ConfigError)) throw error;
    for (const { where, problem } of error.problems) io.err(`${where}: ${problem}\n`);
    return 2;
  }
}

const HELP = ['--help', '-h'];

function usage(commands: readonly Command[]): string {
  const lines = commands.flatMap(({ name, parameters, summary }) => [
    `  ${name} ${parameters}`.trimEnd(),
    `      ${summary}`,
  ]);
  return ['usage: signerctl COMMAND', '', ...lines, ''].join('\n');
}

function isParseArgsError(error: unknown): error is Error {
  return types.isNativeError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
