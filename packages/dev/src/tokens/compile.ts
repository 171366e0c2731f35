import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import type { Abi } from 'viem';
import { z } from 'zod';

/** The contracts of this folder, each a token that behaves in its own way. */
export type TokenName =
  | 'PlainToken'
  | 'FalseToken'
  | 'SilentToken'
  | 'RevertingToken'
  | 'FeeToken'
  | 'GreedyToken'
  | 'BlacklistToken'
  | 'PausableToken';

export interface CompiledToken {
  readonly abi: Abi;
  /** What creates it. */
  readonly bytecode: `0x${string}`;
}

// The sources stay where they are when this file is compiled to dist/.
const SOURCES = new URL('../../src/tokens/', import.meta.url);

const contractSchema = z.object({
  abi: z.custom<Abi>(Array.isArray),
  evm: z.object({ bytecode: z.object({ object: z.string().regex(/^[0-9a-f]*$/) }) }),
});
const outputSchema = z.object({
  errors: z.array(z.object({ formattedMessage: z.string() })).default([]),
  contracts: z.record(z.string(), z.record(z.string(), contractSchema)).default({}),
});
type Output = z.infer<typeof outputSchema>;

let output: Promise<Output> | undefined;

/** Compiles the contract with solc from npm; all of them at the first call, once a process. */
export async function compileToken(name: TokenName): Promise<CompiledToken> {
  output ??= compileAll();
  const contract = (await output).contracts[`${name}.sol`]?.[name];
  if (contract === undefined) throw new Error(`${name}: not among the compiled contracts`);
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}

/** https://docs.soliditylang.org/en/latest/using-the-compiler.html#compiler-input-and-output-json-description */
async function compileAll(): Promise<Output> {
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith('.sol'));
  const sources = await Promise.all(
    files.map(async (file) => [file, { content: await readFile(new URL(file, SOURCES), 'utf8') }] as const),
  );
  const answer = await runCompiler({
    language: 'Solidity',
    sources: Object.fromEntries(sources),
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  });
  const compiled = outputSchema.parse(JSON.parse(answer));
  // Warnings count as well: the contracts have none.
  if (compiled.errors.length > 0) throw new Error(compiled.errors.map((each) => each.formattedMessage).join('\n'));
  return compiled;
}

// In a process of its own: the compiler puts handlers for unhandled errors on the process that loads it.
async function runCompiler(input: unknown): Promise<string> {
  const script = createRequire(import.meta.url).resolve('solc/solc.js');
  const child = spawn(process.execPath, [script, '--standard-json'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(input));
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`solc: exit code ${code}`);
  // A line about solvers that it does not need comes before the JSON.
  return answer.slice(answer.indexOf('{'));
}
