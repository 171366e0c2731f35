import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { readKmsConfig } from '../kms/config.ts';
import { startKms } from '../kms/start-kms.ts';
import type { KmsEnv } from './env.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * One KMS endpoint over two: the dev KMS checks every call and answers for the keys that it holds; what it authenticated and
 * does not know goes to local-kms, which has no Ed25519 and checks no signature.
 */
export async function startComposeKms(env: KmsEnv): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { LOCAL_KMS_URL: localKms, KMS_PORT: port } = env;
  const kms = await startKms({ ...(await readKmsConfig(env.KMS_CONFIG_FILE, {})), host: '127.0.0.1', port: 0 });
  const server = createServer((request, response) => {
    route(request, kms.url, localKms)
      .then(({ status, headers, body }) => response.writeHead(status, endToEnd(headers)).end(body))
      .catch(() => badGateway(response));
  });
  server.keepAliveTimeout = 120_000;
  server.listen(port, '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await Promise.all([closed, kms.close()]);
    },
  };
}

async function route(request: IncomingMessage, kms: string, localKms: string | undefined): Promise<Answer> {
  const body = await bodyOf(request);
  const answer = await ask(kms, request, body);
  if (localKms === undefined || answer.status !== 400 || !isNotFound(answer.body)) return answer;
  return ask(localKms, request, body);
}

function isNotFound(body: Buffer): boolean {
  const problem: { __type?: unknown } = JSON.parse(body.toString('utf8'));
  return problem.__type === 'NotFoundException';
}

/** The same request, headers and all: the signature covers the host that the caller named. */
async function ask(base: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  const sent = sendRequest(new URL(url ?? '/', base), { method, headers: endToEnd(headers), timeout: 10_000 });
  sent.on('timeout', () => sent.destroy(new Error('no answer')));
  sent.end(body);
  const [response]: [IncomingMessage] = await (once(sent, 'response') as Promise<[IncomingMessage]>);
  return { status: response.statusCode ?? 502, headers: response.headers, body: await bodyOf(response) };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** RFC 9110 §7.6.1: these are for one connection. */
function endToEnd({
  connection,
  'keep-alive': keepAlive,
  'transfer-encoding': encoding,
  ...rest
}: IncomingMessage['headers']) {
  return rest;
}

function badGateway(response: ServerResponse): void {
  const body = JSON.stringify({ __type: 'KMSInternalException', message: 'local-kms does not answer' });
  response.writeHead(500, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
}
