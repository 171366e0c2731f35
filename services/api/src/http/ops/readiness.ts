import { CountersignError, type Reason } from '@countersign/contract/errors';
import type { AppContext } from '../../app/context.ts';

const SIGNER_DEADLINE_MS = 2_000;

/** Rejects with UNAVAILABLE that names each part that does not answer, and says nothing more about it. */
export async function checkReadiness({ pool, signerHealth }: AppContext): Promise<void> {
  const checks = { database: pool.query('select 1'), signer: signerHealth.check(SIGNER_DEADLINE_MS) };
  const results = await Promise.all(
    Object.entries(checks).map(([part, check]) =>
      check.then(
        (): Reason[] => [],
        (): Reason[] => [{ field: part, code: 'NOT_READY', message: `the ${part} does not answer` }],
      ),
    ),
  );
  const reasons = results.flat();
  if (reasons.length > 0) throw new CountersignError('UNAVAILABLE', 'Not ready', { reasons });
}
