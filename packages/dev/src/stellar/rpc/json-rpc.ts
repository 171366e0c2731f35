/** JSON-RPC 2.0 as Stellar RPC's server (creachadair/jrpc2) reads and answers it. */

export class JsonRpcError extends Error {
  readonly code: number;
  readonly data?: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    if (data !== undefined) this.data = data;
  }
}

export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
const METHOD_NOT_FOUND = -32601;
const INVALID_REQUEST = -32600;
const PARSE_ERROR = -32700;

/** Named parameters; absent ones are an empty object. */
export type Params = Readonly<Record<string, unknown>>;
export type Method = (params: Params) => unknown;

export interface Call {
  /** Absent in a notification, which is not answered. */
  readonly id?: string | number;
  readonly method: string;
  readonly params: unknown;
  readonly error?: JsonRpcError;
}

export interface Calls {
  readonly batch: boolean;
  readonly calls: readonly Call[];
}

const FIELDS = ['jsonrpc', 'id', 'method', 'params'];

/** Throws when the text is not JSON at all; everything else is an error of the single call. */
export function parseCalls(text: string): Calls {
  const value = parseJson(text);
  return Array.isArray(value)
    ? { batch: true, calls: value.map(parseCall) }
    : { batch: false, calls: [parseCall(value)] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonRpcError(PARSE_ERROR, 'invalid request value');
  }
}

function parseCall(value: unknown): Call {
  if (!isRecord(value)) return broken(PARSE_ERROR, 'request is not a JSON object');
  const { id, jsonrpc, method, params } = value;
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') {
    return broken(INVALID_REQUEST, 'invalid request ID');
  }
  const named = id === undefined || id === null ? {} : { id };
  if (jsonrpc !== '2.0') return broken(INVALID_REQUEST, 'invalid version marker', named);
  if (method !== undefined && typeof method !== 'string') return broken(PARSE_ERROR, 'invalid method name', named);
  if (!method) return broken(INVALID_REQUEST, 'empty method name', named);
  if (params !== undefined && params !== null && typeof params !== 'object') {
    return broken(INVALID_REQUEST, 'parameters must be array or object', named);
  }
  const extra = Object.keys(value).filter((field) => !FIELDS.includes(field));
  if (extra.length > 0) return broken(INVALID_REQUEST, 'extra fields in request', named, extra);
  return { ...named, method, params: params ?? {} };
}

function broken(code: number, message: string, named: { id?: string | number } = {}, data?: unknown): Call {
  return { ...named, method: '', params: {}, error: new JsonRpcError(code, message, data) };
}

/** Answers the calls; undefined when there is nothing to answer. */
export function answerCalls({ batch, calls }: Calls, methods: ReadonlyMap<string, Method>): unknown {
  const answers = calls.flatMap((call) => {
    const answer = answerCall(call, methods);
    return call.id === undefined && !call.error ? [] : [{ jsonrpc: '2.0', id: call.id ?? null, ...answer }];
  });
  if (answers.length === 0) return undefined;
  return batch ? answers : answers[0];
}

/** The same error for every call, for a server that is out of order. */
export function refuseCalls({ batch, calls }: Calls, code: number, message: string): unknown {
  const answers = calls.map(({ id }) => ({ jsonrpc: '2.0', id: id ?? null, error: { code, message } }));
  return batch ? answers : answers[0];
}

function answerCall(call: Call, methods: ReadonlyMap<string, Method>) {
  try {
    if (call.error) throw call.error;
    const method = methods.get(call.method);
    if (!method) throw new JsonRpcError(METHOD_NOT_FOUND, 'method not found', call.method);
    if (!isRecord(call.params)) {
      throw new JsonRpcError(INVALID_PARAMS, 'invalid parameters: expected an object, got an array');
    }
    return { result: method(call.params) };
  } catch (error) {
    if (!(error instanceof JsonRpcError)) return { error: { code: INTERNAL_ERROR, message: `${error}` } };
    const { code, message, data } = error;
    return { error: data === undefined ? { code, message } : { code, message, data } };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
