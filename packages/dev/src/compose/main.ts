import { bootstrap } from './bootstrap.ts';
import { readBootstrapEnv, readKmsEnv } from './env.ts';
import { startComposeKms } from './kms.ts';

const WAIT_MS = 120_000;

/** `node main.js bootstrap`: makes what the services of docker-compose.yml need, and ends. `node main.js kms`: serves. */
async function main(command: string | undefined): Promise<void> {
  switch (command) {
    case 'bootstrap':
      process.stdout.write(`${await bootstrap(readBootstrapEnv(process.env), AbortSignal.timeout(WAIT_MS))}\n`);
      return;
    case 'kms': {
      const kms = await startComposeKms(readKmsEnv(process.env));
      process.stdout.write(`listening on ${kms.port}\n`);
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void kms.close());
      return;
    }
    default:
      throw new Error(`expected bootstrap or kms, got ${command}`);
  }
}

try {
  await main(process.argv[2]);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
