import { CountersignError, type Reason } from '@countersign/contract/errors';
import type { AppContext } from '../../app/context.ts';

const SIGNER_DEADLINE_MS = 2_000;

/** What the service needs to be of use, by name: each resolves when that part answers. */
export function readinessChecks({ pool, signerHealth }: Pick<AppContext, 'pool' | 'signerHealth'>) {
  return {
    database: async () => void (await pool.query('select 1')),
    signer: () => signerHealth.check(SIGNER_DEADLINE_MS),
  };
}

/** Rejects with UNAVAILABLE that names each part that does not answer, and says nothing more about it. */
export async function checkReadiness(context: AppContext): Promise<void> {
  const results = await Promise.all(
    Object.entries(readinessChecks(context)).map(([part, check]) =>
      check().then(
        (): Reason[] => [],
        (): Reason[] => [{ field: part, code: 'NOT_READY', message: `the ${part} does not answer` }],
      ),
    ),
  );
  const reasons = results.flat();
  if (reasons.length > 0) throw new CountersignError('UNAVAILABLE', 'Not ready', { reasons });
}
