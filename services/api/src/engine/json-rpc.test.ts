import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRpcCall, type RpcCall, RpcError } from './json-rpc.ts';

type Answer = { readonly status?: number; readonly body: string | ((id: number) => string) } | 'reset' | 'hang';

let server: Server;
let call: RpcCall;
let answer: Answer;
let asked: unknown;

beforeEach(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    asked = body;
    if (answer === 'hang') return;
    if (answer === 'reset') return void response.destroy();
    const text = typeof answer.body === 'string' ? answer.body : answer.body(body.id);
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  call = createRpcCall(`http://127.0.0.1:${address.port}/key-in-path`, 200);
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function failure(): Promise<RpcError> {
  try {
    await call('eth_call', []);
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('a call', () => {
  test('gives the result', async () => {
    answer = { body: (id) => JSON.stringify({ jsonrpc: '2.0', id, result: { a: 1 } }) };
    expect(await call('eth_call', ['x'])).toEqual({ a: 1 });
    expect(asked).toEqual({ jsonrpc: '2.0', id: 1, method: 'eth_call', params: ['x'] });
  });

  test('gives a null result too', async () => {
    answer = { body: (id) => JSON.stringify({ jsonrpc: '2.0', id, result: null, error: null }) };
    expect(await call('eth_call', [])).toBeNull();
  });

  test.each([200, 400])("tells the node's own words, also under HTTP %d", async (status) => {
    answer = {
      status,
      body: (id) => JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message: 'nonce\ntoo low' } }),
    };
    expect(await failure()).toMatchObject({ kind: 'refused', rpcCode: -32000, message: 'nonce too low' });
  });

  test('tells of an error without words', async () => {
    answer = { body: (id) => JSON.stringify({ jsonrpc: '2.0', id, error: 'no' }) };
    expect(await failure()).toMatchObject({ kind: 'refused', rpcCode: undefined });
  });

  const unreachable: [string, Answer][] = [
    ['a broken connection', 'reset'],
    ['silence', 'hang'],
    ['HTTP 500', { status: 500, body: '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}' }],
    ['HTTP 429', { status: 429, body: '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}' }],
    ['HTTP 404', { status: 404, body: '{"jsonrpc":"2.0","id":1,"result":1}' }],
    ['a redirect', { status: 302, body: '{}' }],
    ['what is not JSON', { body: '<html>' }],
    ['JSON that is no answer', { body: '[]' }],
    ["another call's answer", { body: '{"jsonrpc":"2.0","id":77,"result":1}' }],
    ['an answer without a result', { body: '{"jsonrpc":"2.0","id":1}' }],
    ['an endless answer', { body: 'x'.repeat(5 * 1024 * 1024) }],
  ];
  test.each(unreachable)('takes %s for unknown', async (_name, given) => {
    answer = given;
    const error = await failure();
    expect(error.kind).toBe('unreachable');
    expect(error.message).not.toContain('key-in-path');
  });
});
