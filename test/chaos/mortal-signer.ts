import { once } from 'node:events';
import { type Part, spawnSigner } from '../harness/processes.ts';
import type { SignerWorld } from '../harness/signers.ts';

export interface MortalSigner extends Part {
  /** Resolves once it has died of SIGKILL. */
  readonly died: Promise<void>;
}

/** A signer in a process of its own that kills itself when it comes to a boundary for the `on`-th time. */
export async function spawnMortalSigner(
  world: SignerWorld,
  name: string,
  at: string,
  on: number,
): Promise<MortalSigner> {
  const signer = await spawnSigner(world, {
    name,
    flags: [`--import=${new URL('die-at.mjs', import.meta.url).pathname}`],
    env: { DIE_AT: at, DIE_ON: String(on) },
  });
  const died = once(signer.process, 'exit').then(([, signal]) => {
    if (signal !== 'SIGKILL') throw new Error(`expected the signer to die of SIGKILL, got ${signal}`);
  });
  return { ...signer, died };
}
