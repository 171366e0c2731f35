import { startApi } from './app/api.ts';
import { envToCfg } from './config/config.ts';
import { readEnv } from './config/env.ts';

try {
  const api = await startApi(envToCfg(readEnv(process.env)));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void api.close());
} catch (error) {
  process.stderr.write(`countersign api: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
