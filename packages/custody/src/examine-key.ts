import type { Backend } from './backend.ts';
import { openEnvBackend } from './env/env.ts';
import { CustodyError } from './error.ts';
import type { Finding } from './finding.ts';
import type { KeyConfig, Places } from './keys-config.ts';
import { createProviders, type Providers } from './providers.ts';
import type { Surroundings } from './surroundings.ts';

/** What was found of one custody of a key. */
export interface CustodyReport {
  readonly path: 'legacy' | 'kms';
  readonly backend: Backend['name'];
  readonly findings: readonly Finding[];
}

/** What was found of one key. */
export interface KeyReport {
  readonly id: string;
  readonly custodies: readonly CustodyReport[];
}

export interface ExaminedKeys {
  readonly keys: readonly (readonly [id: string, key: KeyConfig])[];
  readonly places: Places;
}

/**
 * Opens each custody of each key as a signer does, and looks at all that it needs; nothing is signed. A place is connected once
 * for all its keys: an HSM locks itself after a few wrong PINs.
 * @param timeoutMs for one key
 */
export async function examineKeys(
  { keys, places }: ExaminedKeys,
  surroundings: Surroundings,
  timeoutMs: number,
): Promise<KeyReport[]> {
  const providers = createProviders(surroundings, places);
  const reports: KeyReport[] = [];
  try {
    // One after the other: latencies are of one key, not of a crowd.
    for (const [id, key] of keys) {
      const signal = AbortSignal.timeout(timeoutMs);
      reports.push({ id, custodies: await examineKey(key, providers, surroundings, signal) });
    }
  } finally {
    await providers.close();
  }
  return reports;
}

async function examineKey(
  config: KeyConfig,
  providers: Providers,
  { env }: Surroundings,
  signal: AbortSignal,
): Promise<CustodyReport[]> {
  const { legacy, kms } = config.custodies;
  const reports: CustodyReport[] = [];
  if (legacy !== undefined) {
    const open = async () => openEnvBackend(config.algorithm, legacy.variable, env);
    const isSet = env[legacy.variable] !== undefined;
    const notHere = { name: 'opens', ok: true, detail: `not looked at: ${legacy.variable} is not set here` };
    reports.push({ path: 'legacy', backend: 'env', findings: isSet ? await openings(config, open) : [notHere] });
  }
  if (kms !== undefined) {
    const findings = await openings(config, async () => providers.at(kms).open(config.algorithm, signal));
    reports.push({
      path: 'kms',
      backend: kms.backend,
      findings: [...findings, ...(await looks(providers, config, signal))],
    });
  }
  return reports;
}

async function looks(
  providers: Providers,
  { algorithm, custodies: { kms } }: KeyConfig,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (kms === undefined) return [];
  try {
    return (await providers.at(kms).examine?.(algorithm, signal)) ?? [];
  } catch (error) {
    // A place that cannot be connected has been found when the key was opened.
    if (error instanceof CustodyError) return [];
    throw error;
  }
}

async function openings(config: KeyConfig, open: () => Promise<Backend>): Promise<Finding[]> {
  try {
    const backend = await open();
    const found = Buffer.from(backend.publicKey).toString('hex');
    await backend.close();
    const opens = { name: 'opens', ok: true, detail: backend.name };
    if (found === config.public_key) return [opens, { name: 'public key', ok: true, detail: 'the pinned one' }];
    const advice = 'this is another key: name the right one, or pin this one for an account that it signs for';
    return [
      opens,
      { name: 'public key', ok: false, detail: `expected the pinned ${config.public_key}, got ${found}`, advice },
    ];
  } catch (error) {
    return [failed('opens', error)];
  }
}

/** @throws what is no CustodyError */
function failed(name: string, error: unknown): Finding {
  if (error instanceof CustodyError) return { name, ok: false, detail: error.message };
  throw error;
}
