import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ADMIN_PREFIX, administer } from './admin.ts';
import { answer, type KmsAnswer, type KmsParts } from './answer.ts';

/** No call comes near it: the longest holds a message of 4 KiB and a signature of 6. */
const MOST_BODY_BYTES = 65_536;

export function createKmsServer(parts: KmsParts): Server {
  const server = createServer((request, response) => {
    collect(request, (body) => {
      const { method = '', url: path = '' } = request;
      if (path.startsWith(ADMIN_PREFIX)) {
        const { status, body: result } = administer(method, path, body, parts.faults, parts.events);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(result));
        return;
      }
      const { headers, socket } = request;
      const result = answer(parts, { method, path, headers, body, sourceAddress: socket.remoteAddress ?? '' });
      const latencyMs = parts.faults.latencyMs();
      const now = parts.faults.now();
      if (latencyMs === 0) send(result, now, request, response);
      else setTimeout(send, latencyMs, result, now, request, response);
    });
  });
  // Longer than any client keeps an idle connection: a close that crosses a request would look like a fault.
  server.keepAliveTimeout = 120_000;
  return server;
}

function collect(request: IncomingMessage, onBody: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES) request.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => onBody(Buffer.concat(chunks)));
}

function send(result: KmsAnswer, now: Date, request: IncomingMessage, response: ServerResponse): void {
  switch (result.kind) {
    case 'hang':
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'reply':
      response
        .writeHead(result.status, {
          'content-type': 'application/x-amz-json-1.1',
          'content-length': Buffer.byteLength(result.body),
          'x-amzn-RequestId': result.requestId,
          date: now.toUTCString(),
        })
        .end(result.body);
      return;
    default:
      result satisfies never;
  }
}
