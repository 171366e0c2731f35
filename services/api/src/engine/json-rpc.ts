import { cleanText } from './clean-text.ts';

/**
 * Why a call brought no result.
 * - `unreachable`: nobody knows whether the node acted: no connection, no answer in time, an HTTP failure, not JSON-RPC.
 * - `refused`: the node answered with a JSON-RPC error, whose code and text say why.
 */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly kind: 'unreachable' | 'refused';
  /** JSON-RPC's code, where the node answered. */
  readonly rpcCode: number | undefined;

  constructor(kind: 'unreachable' | 'refused', message: string, options: { rpcCode?: number; cause?: unknown } = {}) {
    super(cleanText(message), { cause: options.cause });
    this.kind = kind;
    this.rpcCode = options.rpcCode;
  }
}

/** Calls one method; resolves to `result`, of unknown shape, or rejects with an RpcError. Never retries. */
export type RpcCall = (method: string, params: unknown) => Promise<unknown>;

const LONGEST_ANSWER = 4 * 1024 * 1024;

/** A JSON-RPC 2.0 client over HTTP POST. Its messages never hold the URL, which may contain a provider's key. */
export function createRpcCall(url: string, timeoutMs: number): RpcCall {
  let lastId = 0;
  return async (method, params) => {
    const id = ++lastId;
    const { status, body } = await post(url, { jsonrpc: '2.0', id, method, params }, method, timeoutMs);
    const answer = parse(body);
    // Some nodes send the error of a refused transaction with a 4xx; a rate limiter's 429 is not the node's word.
    if (status >= 500 || status === 429 || answer === undefined) {
      throw new RpcError('unreachable', `${method}: HTTP status ${status}`);
    }
    if (answer['error'] !== undefined && answer['error'] !== null) throw refusal(method, answer['error']);
    if (status !== 200 || answer['id'] !== id || !('result' in answer)) {
      throw new RpcError('unreachable', `${method}: HTTP status ${status} without a result`);
    }
    return answer['result'];
  };
}

async function post(url: string, request: unknown, method: string, timeoutMs: number) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(request),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: await readBody(response) };
  } catch (cause) {
    const why =
      cause instanceof Error && cause.name === 'TimeoutError' ? `no answer in ${timeoutMs} ms` : 'no connection';
    throw new RpcError('unreachable', `${method}: ${why}`, { cause });
  }
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST_ANSWER) throw new Error('the answer is too long');
  }
  return text + decoder.decode();
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function refusal(method: string, error: unknown): RpcError {
  const { code, message } = isObject(error) ? error : {};
  return new RpcError('refused', typeof message === 'string' ? message : `${method}: an error without a message`, {
    ...(typeof code === 'number' && { rpcCode: code }),
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
