import { z } from 'zod';
import type { CallFailure, CallResult } from '../attempts.ts';
import { CustodyError } from '../error.ts';
import { cleaned } from '../remote-text.ts';
import { jsonWithout } from './json-without.ts';
import { readToken } from './token-file.ts';
import type { VaultPlace } from './vault-config.ts';
import { answerFailure, malformed, noToken, socketFailure } from './vault-error.ts';
import { createVaultHttp } from './vault-http.ts';

export interface VaultOptions {
  /** In `production` the token goes over TLS alone. */
  readonly mode: 'production' | 'development';
  /** After this long without a whole answer one attempt is given up, ms. Default 3000. */
  readonly attemptTimeoutMs?: number;
}

/** The `data` of an answer: what it holds is not looked at yet. */
export type Data = Readonly<Record<string, unknown>>;

export interface VaultClient {
  /** Where the Transit engine is mounted. */
  readonly mount: string;
  /** `transit/keys/treasury` for GET /v1/transit/keys/treasury */
  read(path: string, signal: AbortSignal): Promise<CallResult<Data>>;
  write(path: string, body: object, signal: AbortSignal): Promise<CallResult<Data>>;
  close(): void;
}

/**
 * One vault, as one token sees it. https://developer.hashicorp.com/vault/api-docs and /api-docs/secret/transit; OpenBao answers alike.
 * @throws CustodyError `MISCONFIGURED`
 */
export function createVaultClient(place: VaultPlace, { mode, attemptTimeoutMs = 3000 }: VaultOptions): VaultClient {
  const { address, mount, namespace, token_file: tokenFile } = place;
  if (mode === 'production' && !address.startsWith('https://')) {
    throw new CustodyError(
      'MISCONFIGURED',
      'vault-transit: address: expected https:// in production mode, got http://',
    );
  }
  const http = createVaultHttp(address, place.ca_file, attemptTimeoutMs);
  const always = {
    // Vault's agents and proxies can be told to refuse who does not send it: what a web page was made to ask for.
    'x-vault-request': 'true',
    ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
  };

  async function ask(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    body?: string,
  ): Promise<CallResult<Data>> {
    const token = tokenIn(tokenFile);
    if (typeof token !== 'string') return token;
    const json = body === undefined ? {} : { 'content-type': 'application/json', body };
    const headers = { ...always, 'x-vault-token': token };
    try {
      const { status, text } = await http.send({ method, path: `/v1/${path}`, headers, ...json }, signal);
      // What it says goes into logs and events: a vault that says the token back must not bring it there.
      const result = resultOf(path, status, jsonWithout(token, text));
      // An agent may have renewed the token since it was read; then that is the one to ask with.
      return !result.ok && status === 403 && tokenIn(tokenFile) !== token ? { ...result, retryable: true } : result;
    } catch (error) {
      return socketFailure(address, error);
    }
  }

  return {
    mount,
    read: (path, signal) => ask('GET', path, signal),
    write: (path, body, signal) => ask('POST', path, signal, JSON.stringify(body)),
    close: () => http.close(),
  };
}

function tokenIn(file: string): string | CallFailure {
  try {
    return readToken(file);
  } catch (error) {
    return noToken(error);
  }
}

/** `{"request_id": "…", "data": {…}}`, or `{"errors": ["…"]}`; some writes are answered with nothing. */
const answerSchema = z.object({
  request_id: z.string().transform(cleaned).optional().catch(undefined),
  data: z.record(z.string(), z.unknown()).optional().catch(undefined),
  errors: z.array(z.string()).catch([]),
});

function resultOf(path: string, status: number, answer: unknown): CallResult<Data> {
  const { request_id: requestId, data, errors } = answerSchema.safeParse(answer).data ?? { errors: [] };
  const named = requestId === undefined ? {} : { requestId };
  if (status === 204) return { ok: true, value: {}, ...named };
  if (status !== 200) return { ...answerFailure(path, status, errors), ...named };
  return data === undefined
    ? { ...malformed(path, 'expected data, got none'), ...named }
    : { ok: true, value: data, ...named };
}
