import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Faults, WireFault } from './faults.ts';
import { readBody, sendJson, sendText } from './http.ts';
import { answerCalls, type Calls, JsonRpcError, type Method, parseCalls, refuseCalls } from './json-rpc.ts';

/** Answers one HTTP request as Stellar RPC does, unless a fault comes in between. */
export async function answerRpc(
  request: IncomingMessage,
  response: ServerResponse,
  methods: ReadonlyMap<string, Method>,
  faults: Faults,
): Promise<void> {
  response.setHeader('accept-post', 'application/json');
  if (request.method !== 'POST') return sendText(response, 405, '');
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    return sendText(response, 415, 'content-type must be application/json');
  }
  const body = await readBody(request).catch(() => undefined);
  if (body === undefined) {
    response.setHeader('connection', 'close');
    return sendText(response, 500, 'http: request body too large');
  }
  const calls = readCalls(body);
  const fault = faults.takeWire(calls instanceof JsonRpcError ? '' : (calls.calls[0]?.method ?? ''));
  if (fault && (await misbehave(fault, response, calls))) return;
  if (calls instanceof JsonRpcError) return sendText(response, 500, `[${calls.code}] ${calls.message}`);
  const answer = answerCalls(calls, methods);
  if (fault?.kind === 'cut') response.destroy();
  else if (answer === undefined) sendText(response, 204, '');
  else sendJson(response, 200, answer);
}

function readCalls(body: string): Calls | JsonRpcError {
  try {
    return parseCalls(body);
  } catch (error) {
    if (error instanceof JsonRpcError) return error;
    throw error;
  }
}

/** Whether the fault took the place of an answer. */
async function misbehave(fault: WireFault, response: ServerResponse, calls: Calls | JsonRpcError): Promise<boolean> {
  switch (fault.kind) {
    case 'reset':
      response.destroy();
      return true;
    case 'hang':
      return true;
    case 'status':
      sendText(response, fault.status, fault.body ?? '');
      return true;
    case 'error':
      if (calls instanceof JsonRpcError) return false;
      sendJson(response, 200, refuseCalls(calls, fault.code, fault.message));
      return true;
    case 'slow':
      await wait(fault.ms);
      return false;
    case 'cut':
      return false;
  }
}
