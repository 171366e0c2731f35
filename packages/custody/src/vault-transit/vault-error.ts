import { types } from 'node:util';
import type { CallFailure } from '../attempts.ts';
import { isOwnFault } from '../own-fault.ts';
import { cleaned } from '../remote-text.ts';

/** The file of the token is not there, or is none: at the start a wrong setup, afterwards an agent that is slow. */
export const NO_TOKEN = 'NoToken';

/** Vault's certificate is not one by the CA that is trusted, or not for its name. At the start a wrong setup, too. */
export const UNTRUSTED = 'Untrusted';

/**
 * Statuses that another call may not meet again (https://developer.hashicorp.com/vault/api-docs#http-status-codes): what this
 * node has not heard of yet, and a rate limit. Vault is well all the same.
 */
const BUSY = new Set([412, 429]);

/** A node that does not serve: a disaster-recovery secondary, a performance standby. */
const STANDBY = new Set([472, 473]);

/** What OpenBao says with status 500 of one key, where Vault says 400: no call will fare better, and it is not in trouble. */
const ONE_KEY = /version for signing is |no such key version|soft-deleted key/;

/**
 * An answer that is no success, in the terms of `withAttempts`.
 * @param path what was asked: a vault often gives no reason, and a wrong mount is seen there
 */
export function answerFailure(path: string, status: number, errors: readonly string[]): CallFailure {
  const errorCode = `Status${status}`;
  const text = cleaned(errors.join('; ').replaceAll(/\s+/g, ' ').trim());
  // A redirect is how a standby speaks that forwards nothing: behind a load balancer the next call may reach another node.
  const isElsewhere = (status >= 300 && status < 400) || STANDBY.has(status);
  const down = isElsewhere || (status >= 500 && !ONE_KEY.test(text));
  return {
    ok: false,
    errorCode,
    message: `${errorCode}: ${cleaned(path)}: ${text === '' ? 'no reason given' : text}`,
    retryable: down || BUSY.has(status),
    down,
  };
}

/** A success that says nothing we can use. */
export function malformed(path: string, problem: string): CallFailure {
  const message = `MalformedAnswer: ${cleaned(path)}: ${problem}`;
  return { ok: false, errorCode: 'MalformedAnswer', message, retryable: true };
}

/**
 * Nobody answered: what was thrown by a socket.
 * @param address of the vault, which the socket's error does not always name
 */
export function socketFailure(address: string, thrown: unknown): CallFailure {
  const { code, message: told } = toldBy(thrown);
  const message = `${code}: ${cleaned(address)}: ${told}`;
  const sign = isOwnFault(thrown) ? { unasked: true } : { down: true };
  return { ok: false, errorCode: code, message, retryable: true, ...sign, cause: thrown };
}

export function noToken(thrown: unknown): CallFailure {
  const { message } = toldBy(thrown);
  return {
    ok: false,
    errorCode: NO_TOKEN,
    message: `${NO_TOKEN}: ${message}`,
    retryable: true,
    unasked: true,
    cause: thrown,
  };
}

/** The socket's own code (`ECONNRESET`) says more than the class of its error. */
function toldBy(thrown: unknown): { readonly code: string; readonly message: string } {
  if (!types.isNativeError(thrown)) return { code: 'UnknownError', message: cleaned(String(thrown)) };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
  return { code: cleaned(code), message: cleaned(thrown.message) };
}
