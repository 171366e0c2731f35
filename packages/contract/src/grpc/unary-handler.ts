import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import { CountersignError } from '../errors.ts';
import { sendError } from './error-trailer.ts';

/**
 * Makes a grpc-js handler of a function that answers with a promise. A CountersignError that it throws reaches the caller
 * with its reasons; anything else reaches the caller as INTERNAL without a word, and `onUnknownError` as it is.
 */
export function unaryHandler<Request, Response>(
  handle: (request: Request, call: ServerUnaryCall<Request, Response>) => Promise<Response>,
  onUnknownError?: (error: unknown) => void,
): handleUnaryCall<Request, Response> {
  const answer = async (call: ServerUnaryCall<Request, Response>): Promise<Response> => handle(call.request, call);
  return (call, callback) => {
    // A throw in `callback` itself must not be answered a second time.
    answer(call).then(
      (response) => callback(null, response),
      (error: unknown) => {
        if (!(error instanceof CountersignError)) onUnknownError?.(error);
        sendError(callback, error);
      },
    );
  };
}
