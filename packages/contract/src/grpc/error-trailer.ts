import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Metadata, type ServiceError, type StatusObject, type sendUnaryData, status } from '@grpc/grpc-js';
import { CountersignError, ERROR_TABLE, isErrorCode, type Reason } from '../errors.ts';
import { type ErrorDetail, ErrorDetailSchema } from '../gen/countersign/signer/v1/signer_pb.ts';

/** The trailer that carries an ErrorDetail. */
export const ERROR_TRAILER = 'countersign-error-bin';

const INTERNAL_MESSAGE = 'Internal error';
const MAX_TEXT = 500;
// Node accepts 64 KiB of headers by default, and base64 adds a third.
const MAX_DETAIL_BYTES = 32 * 1024;

/** Answers a unary call with an error: its code, message and reasons, or a fixed message for anything unknown. */
export function sendError<Response>(callback: sendUnaryData<Response>, error: unknown): void {
  callback(toStatus(error));
}

/** The gRPC status of an error, with the ErrorDetail in its trailer. A `cause` stays behind. */
export function toStatus(error: unknown): StatusObject {
  const known = error instanceof CountersignError ? error : new CountersignError('INTERNAL', INTERNAL_MESSAGE);
  const metadata = new Metadata();
  metadata.set(ERROR_TRAILER, Buffer.from(encodeDetail(known)));
  return { code: status[ERROR_TABLE[known.code].grpc], details: clean(known.message), metadata };
}

function encodeDetail({ code, retryable, reasons }: CountersignError): Uint8Array {
  const shown = reasons.map((reason) => ({ code: clean(reason.code), message: clean(reason.message) }));
  for (let kept = shown.length; ; kept = Math.floor(kept / 2)) {
    const rest = shown.length - kept;
    const more = rest === 0 ? [] : [{ code: 'MORE_REASONS', message: `${rest} more reasons are not listed` }];
    const detail = create(ErrorDetailSchema, { code, retryable, reasons: [...shown.slice(0, kept), ...more] });
    const bytes = toBinary(ErrorDetailSchema, detail);
    if (bytes.byteLength <= MAX_DETAIL_BYTES || kept === 0) return bytes;
  }
}

/**
 * Reads the error of a failed call. With a trailer it is the signer's own answer. Without one the call broke on the way
 * (no connection, handshake refused, reset): UNAVAILABLE, retryable, and **unknown** is whether the signer acted.
 */
export function fromServiceError(error: ServiceError): CountersignError {
  const detail = detailOf(error);
  if (detail !== undefined) {
    const reasons: Reason[] = detail.reasons.map((reason) => ({
      code: clean(reason.code),
      message: clean(reason.message),
    }));
    const code = isErrorCode(detail.code) ? detail.code : 'INTERNAL';
    const message = code === detail.code ? clean(error.details) : `unknown error code ${clean(detail.code)}`;
    return new CountersignError(code, message, { reasons, retryable: detail.retryable, cause: error });
  }
  switch (error.code) {
    case status.DEADLINE_EXCEEDED:
      return new CountersignError('DEADLINE', 'the signer did not answer in time', { cause: error });
    case status.UNIMPLEMENTED:
      return new CountersignError('INTERNAL', 'the signer does not know this call', { cause: error });
    default:
      return new CountersignError('UNAVAILABLE', `no answer from the signer (${status[error.code]})`, { cause: error });
  }
}

function detailOf(error: ServiceError): ErrorDetail | undefined {
  const [trailer] = error.metadata?.get(ERROR_TRAILER) ?? [];
  if (!(trailer instanceof Uint8Array)) return undefined;
  try {
    return fromBinary(ErrorDetailSchema, trailer, { readUnknownFields: false });
  } catch {
    return undefined;
  }
}

/** Text for one line of a log or an answer: control characters become spaces, and it ends after 500 characters. */
function clean(text: string): string {
  const line = text.toWellFormed().replaceAll(/\p{Cc}+/gu, ' ');
  return line.length <= MAX_TEXT ? line : `${line.slice(0, MAX_TEXT - 1)}…`;
}
