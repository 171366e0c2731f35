import { CountersignError, type Reason } from '@countersign/contract/errors';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly reasons: readonly Reason[];
}

/** What a call was refused with. @throws Error where it was not refused. */
export function refusalOf(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    const { code, message, reasons } = error;
    return { code, message, reasons };
  }
  throw new Error('expected a refusal');
}

/** A refusal for one reason, in the same words. */
export function refused(code: string, reason: string, message: string): Refusal {
  return { code, message, reasons: [{ code: reason, message }] };
}
