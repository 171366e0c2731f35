import { type Bundle, checkBundle } from '@countersign/bundle/check-bundle';
import { readBundle } from '@countersign/bundle/read-bundle';
import { ConfigError } from '@countersign/runtime/config';
import { readText } from '@countersign/runtime/text-file';
import { SshsigError } from '@countersign/sshsig/error';
import { jsonString } from '@countersign/sshsig/json-string';
import { verifyBundle } from '@countersign/sshsig/verify-bundle';
import { type Command, type Io, UsageError } from '../command.ts';
import { readOptions } from '../options.ts';
import { describeKey } from './describe-key.ts';

interface Signing {
  readonly signatures: string;
  readonly signers: string;
  readonly needed: number;
}

/** Loads a policy and its keys as the signer does, and says what it allows; with signatures, whether enough of them are there. */
export const policyCheckCommand: Command = {
  name: 'policy check',
  parameters: '--policy FILE --keys FILE [--signatures FILE --signers FILE --needed N]',
  summary: 'check a policy as the signer does, and say in words what it allows',
  run: async (args, io) => {
    const given = readOptions(args, ['policy', 'keys'], ['signatures', 'signers', 'needed']);
    const files = readBundle(given);
    const signing = readSigning(given);
    try {
      const bundle = checkBundle(files, new Date());
      io.out(`${describe(bundle).join('\n')}\n`);
      return signing === undefined ? 0 : checkSignatures(bundle, signing, io);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const { where, problem } of error.problems) io.err(`${where}: ${problem}\n`);
      return 1;
    }
  },
};

function readSigning({ signatures, signers, needed }: Partial<Record<keyof Signing, string>>): Signing | undefined {
  if (signatures === undefined && signers === undefined && needed === undefined) return undefined;
  if (signatures === undefined || signers === undefined || needed === undefined) {
    throw new UsageError('--signatures, --signers and --needed: expected all three or none');
  }
  // As POLICY_SIGNATURES_NEEDED of the signer.
  if (!/^([1-9]|[1-5]\d|6[0-4])$/.test(needed)) throw new UsageError('--needed: expected a number of signatures, 1–64');
  return { signatures: readText(signatures), signers: readText(signers), needed: Number(needed) };
}

function describe({ policy, keys: { keys }, digest }: Bundle): string[] {
  const named = [...policy.keys].flatMap(([id, keyPolicy]) => ['', ...describeKey(id, keyPolicy, keys[id])]);
  const silent = Object.keys(keys).filter((id) => !policy.keys.has(id));
  return [
    `version ${policy.version} for ${jsonString(policy.environment)}`,
    `bundle sha256:${digest}`,
    ...named,
    ...(silent.length === 0 ? [] : ['', `sign nothing, since no policy names them: ${silent.join(', ')}`]),
  ];
}

function checkSignatures({ statement }: Bundle, signing: Signing, io: Io): number {
  try {
    const { signedBy, missing, ignored } = verifyBundle({ statement, ...signing });
    const others = missing.length === 0 ? '' : `; not by ${missing.join(', ')}`;
    io.out(`\nsigned by ${signedBy.join(', ')}, ${signing.needed} needed${others}\n`);
    for (const sentence of ignored) io.out(`ignored: ${sentence}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof SshsigError)) throw error;
    io.err(`${error.message}\n`);
    return 1;
  }
}
