import { CustodyError } from '@countersign/custody/error';
import { ConfigError } from '@countersign/runtime/config';
import { createLogger } from '@countersign/runtime/log';
import { envToCfg } from './config/config.ts';
import { readEnv } from './config/env.ts';
import { createSigner } from './create-signer.ts';
import { collectGarbage } from './custody/collect-garbage.ts';

const LAST_MS = 1_000;

// A diagnostic report would have the environment in it, and with it the seeds of the legacy path.
process.report.excludeEnv = true;

try {
  const config = envToCfg(readEnv(process.env), process.env);
  const log = createLogger({ service: 'signer', level: config.logLevel });
  // Node's own warnings are lines of the log, too.
  process.removeAllListeners('warning').on('warning', (warning) => log.warn({ err: warning }, 'a warning of Node'));
  const signer = await createSigner(config, { onForgotten: collectGarbage, log });
  process.on('SIGHUP', () => void signer.reloadPolicy());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void end(signer, signal));
  }
} catch (error) {
  const log = createLogger({ service: 'signer', level: 'info' });
  const known = error instanceof ConfigError || error instanceof CustodyError;
  log.fatal(known ? { problem: error.message } : { err: error }, 'the signer does not start');
  process.exitCode = 1;
}

/**
 * Closes the signer, and ends by the signal itself where something keeps the process: a call to an HSM that hangs has a thread,
 * which Node waits for, in process.exit() too.
 */
async function end(signer: AsyncDisposable, signal: NodeJS.Signals): Promise<void> {
  try {
    await signer[Symbol.asyncDispose]();
  } finally {
    // Its handler has gone: from now on it waits for nobody.
    setTimeout(() => process.kill(process.pid, signal), LAST_MS).unref();
  }
}
