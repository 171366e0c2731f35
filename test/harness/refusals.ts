import { CountersignError } from '@countersign/contract/errors';

/** How a call ended, in a few words that a test can compare: `signed`, or the code and its reasons. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'signed';
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return [error.code, ...error.reasons.map(({ code }) => code)].join(' ');
  }
}
