import { z } from 'zod';
import type { Io } from '../command.ts';
import { ClientError } from '../error.ts';
import { visible } from '../text/visible.ts';
import { readApiKey } from './api-key.ts';

/** Calls of the API. @throws ClientError API_UNREACHABLE, API_REFUSED */
export interface Api {
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

/** The options that every command has. */
export const API_OPTIONS = { api: { type: 'string' }, 'api-key-file': { type: 'string' } } as const;

const TIMEOUT_MS = 15_000;
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

const problemSchema = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })).optional(),
});

export function openApi(
  options: { readonly api?: string | undefined; readonly 'api-key-file'?: string | undefined },
  { env }: Pick<Io, 'env'>,
): Api {
  const base = readUrl(options.api);
  const key = readApiKey(options['api-key-file'], env);
  const call = async (path: string, init: RequestInit): Promise<unknown> => {
    const { status, text } = await send(new URL(path, base), key, init);
    const body = parse(text);
    if (status >= 200 && status < 300 && body !== undefined) return body;
    const problem = problemSchema.safeParse(body);
    if (problem.success) throw new ClientError('API_REFUSED', `the API refuses: ${textOf(problem.data)}`);
    throw new ClientError('API_UNREACHABLE', `the API answers ${status}, and not in its own words`);
  };
  return {
    get: (path) => call(path, {}),
    post: (path, body) =>
      call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  };
}

/** The key is sent to nobody else, and to nobody who listens in between. */
function readUrl(text: string | undefined): URL {
  const url = text === undefined || !URL.canParse(text) ? undefined : new URL(text);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))) return url;
  throw new ClientError('USAGE', '--api: expected the URL of the API, https://… or http://localhost:…');
}

async function send(url: URL, key: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${key}` },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    throw new ClientError('API_UNREACHABLE', `${url.origin} does not answer`, { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf({ code, detail, errors = [] }: z.output<typeof problemSchema>): string {
  const fields = errors.map((each) => `${each.field}: ${each.code}: ${each.message}`);
  return visible([`${code}: ${detail}`, ...fields].join('; '));
}
