import { X509Certificate } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { ConfigError } from '@countersign/runtime/config';
import { readText } from '@countersign/runtime/text-file';
import { CustodyError } from '../error.ts';
import { UNTRUSTED } from './vault-error.ts';

/** The description of a key with many versions is the longest answer. */
const MAX_ANSWER_BYTES = 256 * 1024;
const MAX_SOCKETS = 256;

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Connections to one address, kept open. Redirects are not followed: the token is for this address alone. */
export interface VaultHttp {
  /** @throws Error with the `code` of a socket, or `ETIMEDOUT`, `TooLong`, `Untrusted` */
  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

/**
 * @param caFile the only CA that is trusted, PEM
 * @throws CustodyError `MISCONFIGURED` where the file cannot be read, or is no certificate
 */
export function createVaultHttp(address: string, caFile: string | undefined, attemptTimeoutMs: number): VaultHttp {
  const pool = { keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_SOCKETS, scheduling: 'lifo' } as const;
  const isTls = address.startsWith('https:');
  const agent = isTls ? new HttpsAgent({ ...pool, ...tlsOf(caFile) }) : new HttpAgent(pool);
  const request = isTls ? httpsRequest : httpRequest;
  return {
    send: ({ method, path, headers, body }, signal) =>
      new Promise((resolve, reject) => {
        const sent = request(new URL(path, address), { method, headers, agent, signal });
        const fail = (error: Error) => {
          reject(error);
          sent.destroy();
        };
        const giveUp = () => fail(coded('ETIMEDOUT', `no whole answer in ${attemptTimeoutMs} ms`));
        const timer = setTimeout(giveUp, attemptTimeoutMs);
        // After an answer or an error it changes nothing. It comes alone where a connection ends in neither: after a 101, for example.
        const closed = () => reject(coded('ECONNRESET', 'the connection was closed before the end of the answer'));
        let isAnswered = false;
        sent.on('close', () => {
          clearTimeout(timer);
          if (!isAnswered) closed();
        });
        sent.on('error', (error) => fail(isUntrusted(sent.socket) ? coded(UNTRUSTED, error.message) : error));
        sent.on('response', (response) => {
          isAnswered = true;
          // The request may be closed before the last of a body is read.
          response.on('close', closed);
          const chunks: Buffer[] = [];
          let length = 0;
          response.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length > MAX_ANSWER_BYTES) fail(coded('TooLong', `an answer of more than ${MAX_ANSWER_BYTES} bytes`));
            else chunks.push(chunk);
          });
          response.on('error', fail);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        });
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Whatever NODE_TLS_REJECT_UNAUTHORIZED says: who is not who they should be gets no token. */
function tlsOf(caFile: string | undefined) {
  const strict = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
  if (caFile === undefined) return strict;
  try {
    const ca = readText(caFile, `ca_file ${caFile}`);
    // OpenSSL passes over what it cannot read, and would then trust nobody, without a word why.
    new X509Certificate(ca);
    return { ...strict, ca };
  } catch (cause) {
    const unread = cause instanceof ConfigError ? cause.message : undefined;
    const message = unread ?? `ca_file ${caFile}: expected a certificate (PEM), got something else`;
    throw new CustodyError('MISCONFIGURED', `vault-transit: ${message}`, { cause });
  }
}

const isUntrusted = (socket: unknown): boolean => socket instanceof TLSSocket && Boolean(socket.authorizationError);

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });
