import { randomUUID } from 'node:crypto';
import { authorize, type Identity } from './access.ts';
import type { EventLog } from './events.ts';
import type { Faults } from './faults.ts';
import type { Imports } from './imports.ts';
import { type Input, parseInput } from './input.ts';
import type { KeyStore } from './key-store.ts';
import { KMS_ERRORS, KmsError } from './kms-error.ts';
import { type NamedOperation, OPERATIONS } from './operations/table.ts';
import type { SignedRequest, Verifier } from './sigv4.ts';

export interface KmsParts {
  readonly store: KeyStore;
  readonly imports: Imports;
  readonly verifier: Verifier;
  readonly faults: Faults;
  readonly events: EventLog;
}

export interface KmsRequest extends SignedRequest {
  readonly sourceAddress: string;
}

/** What goes back over the connection: an answer, or the trouble that a fault asks for. */
export type KmsAnswer =
  | { readonly kind: 'reply'; readonly requestId: string; readonly status: number; readonly body: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

/** One call, from the bytes of the request to the bytes of the answer. Errors are answers. */
export function answer(parts: KmsParts, request: KmsRequest): KmsAnswer {
  const requestId = randomUUID();
  try {
    const operation = operationOf(request);
    const identity = parts.verifier.verify(request, parts.faults.now());
    return perform(parts, request, { requestId, operation, identity, input: parseInput(request.body) });
  } catch (error) {
    return refusal(requestId, kmsError(error));
  }
}

/** AWS JSON 1.1: the operation stands in a header (Smithy, awsJson1_1). */
function operationOf({ method, path, headers }: KmsRequest): NamedOperation {
  const target = String(headers['x-amz-target']);
  const operation = target.startsWith('TrentService.')
    ? OPERATIONS.get(target.slice('TrentService.'.length))
    : undefined;
  if (method === 'POST' && path === '/' && operation !== undefined) return operation;
  throw new KmsError('UnknownOperationException', `The operation ${target} is not known.`);
}

interface KnownCall {
  readonly requestId: string;
  readonly operation: NamedOperation;
  readonly identity: Identity;
  readonly input: Input;
}

function perform(parts: KmsParts, request: KmsRequest, call: KnownCall): KmsAnswer {
  const { faults, store, imports } = parts;
  const { requestId, operation, identity, input } = call;
  const { KeyId } = input;
  const fault = faults.take(operation.name, KeyId);
  if (fault?.kind === 'reset' || fault?.kind === 'hang') return { kind: fault.kind };
  try {
    if (fault?.kind === 'error') throw new KmsError(fault.code, 'Injected by a fault.');
    if (!faults.withinQuota(operation.name)) throw throttled();
    authorize(identity, operation.name);
    const result = operation.run({ input, store, imports, tampering: fault?.kind });
    record(parts, request, call, undefined);
    return { kind: 'reply', requestId, status: 200, body: result === undefined ? '' : JSON.stringify(result) };
  } catch (error) {
    const refused = kmsError(error);
    record(parts, request, call, refused);
    return refusal(requestId, refused);
  }
}

function record({ events, store }: KmsParts, request: KmsRequest, call: KnownCall, error: KmsError | undefined): void {
  const { KeyId, TargetKeyId } = call.input;
  events.record({
    requestId: call.requestId,
    operation: call.operation.name,
    readOnly: call.operation.readOnly,
    identity: call.identity,
    input: call.input,
    keyArn: store.lookUp(KeyId ?? TargetKeyId)?.arn,
    error,
    sourceAddress: request.sourceAddress,
    userAgent: request.headers['user-agent'] ?? '',
  });
}

function refusal(requestId: string, { code, message }: KmsError): KmsAnswer {
  return { kind: 'reply', requestId, status: KMS_ERRORS[code], body: JSON.stringify({ __type: code, message }) };
}

function kmsError(error: unknown): KmsError {
  return error instanceof KmsError ? error : new KmsError('KMSInternalException', 'An internal error occurred.');
}

function throttled(): KmsError {
  return new KmsError(
    'ThrottlingException',
    'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  );
}
