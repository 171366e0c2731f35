#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { sshKeygenSign } from './approve/ssh-keygen.ts';
import { countersign } from './countersign.ts';

// Whoever reads no further, as `head` does, is told no more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await countersign(process.argv.slice(2), {
  env: process.env,
  now: () => new Date(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  sign: sshKeygenSign,
});

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
