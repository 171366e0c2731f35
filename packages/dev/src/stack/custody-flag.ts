import { type CustodyPath, flagsDocument, type Paths, toYaml } from './configuration.ts';
import { readGauge } from './gauge.ts';
import type { KeyId } from './keys.ts';
import { replaceFile } from './replace-file.ts';
import { waitUntil } from './wait-until.ts';

const TIMEOUT_MS = 15_000;

/** The flag file that moves keys between custodies while the signer runs. */
export interface CustodyFlag {
  /** As the file has it. */
  pathOf(key: KeyId): CustodyPath;
  /** Moves a key and resolves when the signer's metrics say that its next signature takes that path. */
  set(key: KeyId, path: CustodyPath): Promise<void>;
}

/** Writes the flag file and keeps it. `metricsUrl` is the signer's. */
export async function createCustodyFlag(file: string, metricsUrl: string, initial: Paths): Promise<CustodyFlag> {
  let paths = initial;
  let written = replaceFile(file, toYaml(flagsDocument(paths)));
  await written;

  async function set(key: KeyId, path: CustodyPath): Promise<void> {
    paths = { ...paths, [key]: path };
    const content = toYaml(flagsDocument(paths));
    // One after the other, so that the newest content is the one that stays.
    written = written.then(() => replaceFile(file, content));
    await written;
    await waitUntil(
      `${key} on ${path}`,
      async () => {
        const metrics = await (await fetch(metricsUrl, { signal: AbortSignal.timeout(1_000) })).text();
        return readGauge(metrics, 'countersign_key_custody_path', { key, path }) === 1;
      },
      { timeoutMs: TIMEOUT_MS },
    );
  }

  return { pathOf: (key) => paths[key], set };
}
