import { spawn } from 'node:child_process';
import type { SignRequest } from '../command.ts';
import { ClientError } from '../error.ts';

/**
 * Has `ssh-keygen` sign: with a key file, ssh-agent or a token of its own, and its own prompts on the terminal. The private key
 * is never seen here.
 *
 * @returns the armored signature. @throws ClientError NOT_SIGNED
 */
export function sshKeygenSign({ namespace, message, keyFile }: SignRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = ['-Y', 'sign', '-n', namespace, '-f', keyFile];
    const child = spawn('ssh-keygen', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    // It may end before it has read everything; its exit code tells.
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => reject(new ClientError('NOT_SIGNED', 'ssh-keygen does not start', { cause })));
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString());
      else reject(new ClientError('NOT_SIGNED', `ssh-keygen gave no signature: it ended with ${code ?? 'a signal'}`));
    });
    child.stdin.end(message);
  });
}
