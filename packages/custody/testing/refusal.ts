import { CustodyError } from '../src/error.ts';

/** The error of a call that has to fail. */
export async function refusal(promise: Promise<unknown>): Promise<CustodyError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CustodyError) return error;
    throw error;
  }
  throw new Error('expected a CustodyError, got an answer');
}
