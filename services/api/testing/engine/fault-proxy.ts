import { once } from 'node:events';
import { createServer } from 'node:http';

/** What the proxy does instead of passing a call on; `cut` passes it on and keeps the answer back. */
export type ProxyFault =
  | { readonly kind: 'reset' | 'cut' | 'hang' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** Answers with this, merged into what the node says. */
  | { readonly kind: 'lie'; readonly result: Readonly<Record<string, unknown>> }
  /** Passes the call on, changed. */
  | { readonly kind: 'ask'; readonly change: (params: unknown) => unknown };

export interface FaultProxy {
  readonly url: string;
  /** Calls of this method, or all, misbehave until cleared. */
  fail(fault: ProxyFault, method?: string): void;
  clear(): void;
  close(): Promise<void>;
}

interface RpcAnswer {
  readonly result?: Readonly<Record<string, unknown>>;
}

/** A JSON-RPC node in front of another one, which can misbehave. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let active: { readonly fault: ProxyFault; readonly method: string | undefined } | undefined;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { id, method } = JSON.parse(body);
    const fault = active?.method === undefined || active.method === method ? active?.fault : undefined;
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    switch (fault?.kind) {
      case 'reset':
        return void response.destroy();
      case 'hang':
        return;
      case 'status':
        return void response.writeHead(fault.status).end('no');
      case 'error':
        return void json(200, { jsonrpc: '2.0', id, error: { code: fault.code, message: fault.message } });
      default: {
        const asked =
          fault?.kind === 'ask'
            ? JSON.stringify({ ...JSON.parse(body), params: fault.change(JSON.parse(body).params) })
            : body;
        const answer = await fetch(target, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: asked,
        });
        const told: RpcAnswer = JSON.parse(await answer.text());
        if (fault?.kind === 'cut') response.destroy();
        else if (fault?.kind === 'lie') json(answer.status, { ...told, result: { ...told.result, ...fault.result } });
        else json(answer.status, told);
      }
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    fail: (fault, method) => {
      active = { fault, method };
    },
    clear: () => {
      active = undefined;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
