import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface FakeApi {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  /** What every request is answered with from now on. */
  answer(body: unknown, status?: number, headers?: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

/** Answers as the API would, or as one would that somebody has taken over. */
export async function startFakeApi(): Promise<FakeApi> {
  const requests: FakeRequest[] = [];
  let next = { status: 200, text: '{}', headers: {} };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method = '', url: path = '', headers } = request;
    requests.push({
      method,
      path,
      authorization: headers.authorization,
      body: text === '' ? undefined : JSON.parse(text),
    });
    response.writeHead(next.status, { 'content-type': 'application/json', ...next.headers }).end(next.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: (body, status = 200, headers = {}) => {
      next = { status, text: typeof body === 'string' ? body : JSON.stringify(body), headers };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
