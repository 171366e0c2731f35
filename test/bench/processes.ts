import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from '@countersign/dev/free-ports';
import type { KmsOptions } from '@countersign/dev/kms';
import { kmsKeys, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

const root = new URL('../../', import.meta.url);

/** A part that runs in a process of its own, so that the load generator's CPU is not its CPU. */
export interface Part extends AsyncDisposable {
  readonly port: number;
  readonly metricsPort: number;
}

/** The KMS emulator; every answer takes at least `latencyMs`. */
export async function spawnKms(world: SignerWorld, latencyMs: number): Promise<Part> {
  const [port = 0] = await freePorts(1);
  const config: KmsOptions = { port, keys: kmsKeys(world.keys), faults: { latencyMs } };
  const child = run('packages/dev/dist/kms/main.js', { DEV_KMS_CONFIG: JSON.stringify(config) });
  await until('the KMS listens', () => fetch(`http://127.0.0.1:${port}/_dev/events`).then(Boolean, () => false));
  return { port, metricsPort: 0, [Symbol.asyncDispose]: () => end(child) };
}

/** The signer as it runs in production, with its hardening flags. */
export async function spawnSigner(world: SignerWorld, kms: Part): Promise<Part> {
  const [port = 0, metricsPort = 0] = await freePorts(2);
  const child = run(
    'services/signer/dist/main.js',
    world.environment(`signer-${port}`, {
      SIGNER_PORT: String(port),
      SIGNER_METRICS_PORT: String(metricsPort),
      AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${kms.port}`,
      LOG_LEVEL: 'error',
    }),
    ['--disable-proto=throw', '--disallow-code-generation-from-strings'],
  );
  await until('the signer is ready', () =>
    fetch(`http://127.0.0.1:${metricsPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return { port, metricsPort, [Symbol.asyncDispose]: () => end(child) };
}

function run(script: string, env: NodeJS.ProcessEnv, flags: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [...flags, new URL(script, root).pathname], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
