import { describe, expect, test } from '@jest/globals';
import { answerCalls, JsonRpcError, type Method, parseCalls, refuseCalls } from './json-rpc.ts';

const methods = new Map<string, Method>([
  ['echo', (params) => params],
  [
    'refuse',
    () => {
      throw new JsonRpcError(-32602, 'no', { why: 'because' });
    },
  ],
  [
    'break',
    () => {
      throw new Error('broken');
    },
  ],
]);
const answer = (value: unknown) => answerCalls(parseCalls(JSON.stringify(value)), methods);
const call = { jsonrpc: '2.0', id: 1, method: 'echo' };
const error = (code: number, message: string, id: unknown = 1) => ({ jsonrpc: '2.0', id, error: { code, message } });

describe('JSON-RPC', () => {
  test('answers with the id it was given, string or number, and the result', () => {
    expect(answer({ ...call, params: { a: 1 } })).toEqual({ jsonrpc: '2.0', id: 1, result: { a: 1 } });
    expect(answer({ ...call, id: 'x', params: null })).toEqual({ jsonrpc: '2.0', id: 'x', result: {} });
  });

  test('a batch is answered as a list, a notification not at all', () => {
    const notification = { jsonrpc: '2.0', method: 'echo' };
    expect(answer([call, notification, { ...call, id: 2 }])).toEqual([
      { jsonrpc: '2.0', id: 1, result: {} },
      { jsonrpc: '2.0', id: 2, result: {} },
    ]);
    expect(answer([notification])).toBeUndefined();
    expect(answer({ ...notification, id: null })).toBeUndefined();
    expect(answer([])).toBeUndefined();
  });

  test('errors of methods keep their code and data; others are internal', () => {
    expect(answer({ ...call, method: 'refuse' })).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32602, message: 'no', data: { why: 'because' } },
    });
    expect(answer({ ...call, method: 'break' })).toEqual(error(-32603, 'Error: broken'));
  });

  test.each<[string, unknown, unknown]>([
    ['an unknown method', { ...call, method: 'no' }, { code: -32601, message: 'method not found', data: 'no' }],
    ['no method', { jsonrpc: '2.0', id: 1 }, { code: -32600, message: 'empty method name' }],
    ['a method that is no string', { ...call, method: 7 }, { code: -32700, message: 'invalid method name' }],
    ['another version', { ...call, jsonrpc: '1.0' }, { code: -32600, message: 'invalid version marker' }],
    ['scalar parameters', { ...call, params: 7 }, { code: -32600, message: 'parameters must be array or object' }],
    ['positional parameters', { ...call, params: [] }, { code: -32602, message: expect.stringContaining('array') }],
    ['other fields', { ...call, x: 1 }, { code: -32600, message: 'extra fields in request', data: ['x'] }],
  ])('%s is an error of the call', (_, request, expected) => {
    expect(answer(request)).toEqual({ jsonrpc: '2.0', id: 1, error: expected });
  });

  test('what has no usable id is answered with null', () => {
    expect(answer('text')).toEqual(error(-32700, 'request is not a JSON object', null));
    expect(answer({ ...call, id: {} })).toEqual(error(-32600, 'invalid request ID', null));
    expect(answer({ jsonrpc: '1.0', method: 'echo' })).toEqual(error(-32600, 'invalid version marker', null));
  });

  test('text that is no JSON cannot be answered call by call', () => {
    expect(() => parseCalls('{')).toThrow('invalid request value');
  });

  test('a server out of order says the same to every call', () => {
    expect(refuseCalls(parseCalls(JSON.stringify([call, call])), -32603, 'down')).toEqual([
      error(-32603, 'down'),
      error(-32603, 'down'),
    ]);
    expect(refuseCalls(parseCalls(JSON.stringify(call)), -32603, 'down')).toEqual(error(-32603, 'down'));
  });
});
