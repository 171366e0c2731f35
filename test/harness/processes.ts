import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from '@countersign/dev/free-ports';
import type { KmsOptions } from '@countersign/dev/kms';
import { kmsKeys, type SignerWorld } from './signers.ts';
import { until } from './until.ts';

const root = new URL('../../', import.meta.url);

/** A part that runs in a process of its own, so that the load generator's CPU is not its CPU. */
export interface Part extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly port: number;
  readonly metricsPort: number;
}

/** The KMS emulator; every answer takes at least `latencyMs`. */
export async function spawnKms(world: SignerWorld, latencyMs: number): Promise<Part> {
  const [port = 0] = await freePorts(1);
  const config: KmsOptions = { port, keys: kmsKeys(world.keys), faults: { latencyMs } };
  const child = run('packages/dev/dist/kms/main.js', { DEV_KMS_CONFIG: JSON.stringify(config) });
  await until('the KMS listens', () => fetch(`http://127.0.0.1:${port}/_dev/events`).then(Boolean, () => false));
  return { process: child, port, metricsPort: 0, [Symbol.asyncDispose]: () => end(child) };
}

export interface SignerProcess {
  /** Of its audit chain. */
  readonly name: string;
  /** Beside those of production. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The signer as it runs in production, with its hardening flags. */
export async function spawnSigner(world: SignerWorld, { name, flags = [], env = {} }: SignerProcess): Promise<Part> {
  const [port = 0, metricsPort = 0] = await freePorts(2);
  const ports = { SIGNER_PORT: String(port), SIGNER_METRICS_PORT: String(metricsPort) };
  const child = run('services/signer/dist/main.js', world.environment(name, { ...ports, LOG_LEVEL: 'error', ...env }), [
    '--disable-proto=throw',
    '--disallow-code-generation-from-strings',
    ...flags,
  ]);
  await until('the signer is ready', () =>
    fetch(`http://127.0.0.1:${metricsPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return { process: child, port, metricsPort, [Symbol.asyncDispose]: () => end(child) };
}

function run(script: string, env: NodeJS.ProcessEnv, flags: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [...flags, new URL(script, root).pathname], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
