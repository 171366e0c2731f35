import { CountersignError } from '@countersign/contract/errors';

/** Four values, so that doubt is never mistaken for an answer: to the caller unknown is a failure, to the reservation a signature. */
export type Outcome = 'succeeded' | 'denied' | 'failed' | 'unknown';

/** What an error at a stage means for the request. */
export function outcomeOf(error: unknown): Exclude<Outcome, 'succeeded'> {
  if (!(error instanceof CountersignError)) return 'unknown';
  switch (error.code) {
    case 'CUSTODY_UNAVAILABLE':
    case 'CUSTODY_REFUSED':
    case 'SIGNATURE_INVALID':
      return 'failed';
    case 'STORE_UNAVAILABLE': // A commit without an answer may have been made.
    case 'INTERNAL':
      return 'unknown';
    default:
      return 'denied';
  }
}
