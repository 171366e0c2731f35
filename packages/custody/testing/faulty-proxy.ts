import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a call meets in place of the answer. */
export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** The answer, with its text changed; what is done before it is done while the call waits. */
  | { readonly kind: 'change'; readonly change: (text: string) => string | Promise<string> }
  /** No answer at all. */
  | { readonly kind: 'hang' }
  /** Half an answer, and no more of it. */
  | { readonly kind: 'stall' }
  /** Half an answer, and the connection is closed. */
  | { readonly kind: 'cut' }
  /** The connection is closed. */
  | { readonly kind: 'reset' };

/** Stands before an HTTP server, and spoils what it says. */
export interface FaultyProxy {
  readonly url: string;
  /** The headers of every call so far, in order. */
  readonly calls: readonly IncomingMessage['headers'][];
  /** From now on, or for so many calls. */
  fault(fault: Fault, times?: number): void;
  clear(): void;
  close(): Promise<void>;
}

export async function startFaultyProxy(upstream: string): Promise<FaultyProxy> {
  const calls: IncomingMessage['headers'][] = [];
  let faults: { readonly fault: Fault; left: number } | undefined;
  const next = () => (faults === undefined || faults.left-- <= 0 ? undefined : faults.fault);

  const server = createServer((request, response) => {
    calls.push(request.headers);
    serve(upstream, request, response, next()).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port, got none');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    fault: (fault, times = Number.POSITIVE_INFINITY) => {
      faults = { fault, left: times };
    },
    clear: () => {
      faults = undefined;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function serve(
  upstream: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const body = Buffer.concat(await request.toArray());
  switch (fault?.kind) {
    case 'hang':
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'answer':
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body);
      return;
    case 'change':
    case 'stall':
    case 'cut':
    case undefined:
  }
  const { status, headers, text } = await forward(upstream, request, body);
  response.writeHead(status, headers);
  if (fault?.kind === 'change') response.end(await fault.change(text));
  else if (fault === undefined) response.end(text);
  else response.write(text.slice(0, text.length / 2), () => void (fault.kind === 'cut' && response.destroy()));
}

interface Forwarded {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** As it came, the host that was signed for included. */
async function forward(upstream: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Forwarded> {
  const call = httpRequest(`${upstream}${url ?? '/'}`, { method, headers, agent: false });
  call.end(body);
  const [answer]: IncomingMessage[] = await once(call, 'response');
  if (answer === undefined) throw new Error('expected an answer');
  const text = Buffer.concat(await answer.toArray()).toString();
  const told = Object.entries(answer.headers).filter(([name]) => /^(x-amzn-requestid|content-type)$/.test(name));
  return {
    status: answer.statusCode ?? 502,
    headers: Object.fromEntries(told.map(([name, value]) => [name, String(value)])),
    text,
  };
}
