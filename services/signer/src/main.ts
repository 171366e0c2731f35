import { CustodyError } from '@countersign/custody/error';
import { ConfigError } from '@countersign/runtime/config';
import { createLogger } from '@countersign/runtime/log';
import { envToCfg } from './config/config.ts';
import { readEnv } from './config/env.ts';
import { createSigner } from './create-signer.ts';
import { collectGarbage } from './custody/collect-garbage.ts';

// A diagnostic report would have the environment in it, and with it the seeds of the legacy path.
process.report.excludeEnv = true;

try {
  const config = envToCfg(readEnv(process.env), process.env);
  const signer = await createSigner(config, { onForgotten: collectGarbage });
  process.on('SIGHUP', () => void signer.reloadPolicy());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void signer[Symbol.asyncDispose]());
  }
} catch (error) {
  const log = createLogger({ service: 'signer', level: 'info' });
  const known = error instanceof ConfigError || error instanceof CustodyError;
  log.fatal(known ? { problem: error.message } : { err: error }, 'the signer does not start');
  process.exitCode = 1;
}
