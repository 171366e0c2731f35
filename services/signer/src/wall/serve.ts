import { createHash } from 'node:crypto';
import { CountersignError } from '@countersign/contract/errors';
import { type Received, unaryHandler } from '@countersign/contract/grpc';
import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import type { ReadFindings } from '../audit/read-event.ts';
import type { Call, SignerContext } from '../context.ts';
import type { CallGuard } from './call-guard.ts';
import type { DenialBudget } from './denial-budget.ts';
import { readCall } from './read-call.ts';

/** What the handlers of all calls share. */
export interface Served {
  readonly context: SignerContext;
  readonly guard: CallGuard;
  readonly denials: DenialBudget;
}

/**
 * The gRPC handler of one call. Whatever came is answered and leaves its event, also bytes that are no message: then the
 * event has their number and their hash.
 */
export function serve<Request, Response>(
  { context, guard, denials }: Served,
  name: ReadFindings['name'],
  handle: (call: Call, request: Request) => Promise<Response>,
): handleUnaryCall<Received<Request>, Response> {
  return unaryHandler(
    async (received, grpcCall) => {
      const admitted = guard.admitted(grpcCall.metadata);
      if (admitted === undefined) throw new CountersignError('INTERNAL', 'a call that the guard has not seen');
      admitted.begin();
      try {
        const { connection, caller, deadline } = admitted;
        const call: Call = {
          certificate: connection.certificate,
          peer: grpcCall.getPeer(),
          userAgent: userAgentOf(grpcCall),
          deadline,
          isOver: () => grpcCall.cancelled,
          leavesEvent: (code) => denials.take(caller.name, code, context.clock()),
        };
        return received.kind === 'message'
          ? await handle(call, received.message)
          : await refuseUnreadable(context, call, name, received);
      } finally {
        admitted.done();
      }
    },
    (err) => context.log.error({ err }, 'call failed'),
  );
}

async function refuseUnreadable(
  context: SignerContext,
  call: Call,
  name: ReadFindings['name'],
  { bytes, reason }: Extract<Received<never>, { kind: 'unreadable' }>,
): Promise<never> {
  if (name === 'SignTransaction') context.metrics.requests.inc({ key: 'unknown', chain: 'unknown', outcome: 'denied' });
  const requestParameters = {
    messageBytes: String(bytes.byteLength),
    messageSha256: createHash('sha256').update(bytes).digest('hex'),
  };
  return readCall(context, call, { name, requestParameters }, () => {
    throw new CountersignError('INVALID_REQUEST', reason.message, { reasons: [reason] });
  });
}

function userAgentOf({ metadata }: Pick<ServerUnaryCall<never, never>, 'metadata'>): string {
  const [userAgent] = metadata.get('user-agent');
  return String(userAgent ?? 'unknown');
}
