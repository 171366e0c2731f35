import type { Attempt, BackendAnswer } from '@countersign/custody/backend';
import { CustodyError } from '@countersign/custody/error';
import { checkedSignature } from '@countersign/custody/signature';
import { shown } from '../audit/shown.ts';
import type { Shadowed } from './shadowed.ts';

const MAX_TEXT = 500;

/** What became of a signature that was asked for and thrown away. */
export interface ShadowResult {
  /** `agreed`: it is one by the pinned key; `disagreed`: it is not; `failed`: there is none. */
  readonly outcome: 'agreed' | 'disagreed' | 'failed';
  /** Of the backend, its retries included. */
  readonly durationMs: number;
  readonly attempts: readonly Attempt[];
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

/** Never throws: the trouble is what is wanted to be known. ECDSA signs differently each time, so the pinned key is what two have in common. */
export async function askBackend(
  { key, backend, message }: Pick<Shadowed, 'key' | 'backend' | 'message'>,
  signal: AbortSignal,
): Promise<ShadowResult> {
  const start = performance.now();
  const took = () => ({ durationMs: performance.now() - start });
  let answer: BackendAnswer;
  try {
    answer = await backend.sign(message, signal);
  } catch (error) {
    const attempts = error instanceof CustodyError ? error.attempts : [];
    return { outcome: 'failed', attempts, ...took(), ...errorOf(error, attempts.at(-1)?.errorCode) };
  }
  const { signature, attempts } = answer;
  const known = { attempts, ...took() };
  try {
    checkedSignature(key.algorithm, key.publicKey, message, signature);
    return { outcome: 'agreed', ...known };
  } catch (error) {
    return { outcome: 'disagreed', ...known, ...errorOf(error) };
  }
}

function errorOf(error: unknown, attemptCode?: string): { readonly errorCode: string; readonly errorMessage: string } {
  if (!(error instanceof CustodyError)) return { errorCode: 'INTERNAL', errorMessage: 'an unknown error' };
  return { errorCode: attemptCode ?? error.code, errorMessage: shown(error.message, MAX_TEXT) };
}
