import { isNativeError } from 'node:util/types';

// SQLSTATE classes and codes that say the server cannot serve now, not that the statement is wrong:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const SQLSTATE = /^(08...|53...|57P0[1-5]|57014|25006|25P03|40001|40P01)$/;

const SOCKET_ERRORS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']);

// The driver's own errors have no code.
const DRIVER_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** True where a statement failed because the database is down, unreachable, overloaded, read-only or took too long. */
export function isDatabaseUnavailable(thrown: unknown): boolean {
  if (!isNativeError(thrown)) return false;
  // Of several addresses tried, none answered.
  if ('errors' in thrown && Array.isArray(thrown.errors)) {
    return thrown.errors.length > 0 && thrown.errors.every(isDatabaseUnavailable);
  }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return SQLSTATE.test(code) || SOCKET_ERRORS.has(code) || DRIVER_MESSAGES.test(thrown.message);
}
