const TIMEOUT_MS = 5_000;

/**
 * Calls a JSON-RPC 2.0 method and returns its `result`.
 * @throws Error on a transport failure, another status than 200, or a JSON-RPC error.
 */
export async function callRpc(url: string, method: string, params: unknown = {}): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${method}: expected status 200, got ${response.status}`);
  const answer: { result?: unknown; error?: { message?: string } } = JSON.parse(await response.text());
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message ?? 'JSON-RPC error'}`);
  return answer.result;
}
