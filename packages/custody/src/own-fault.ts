import { types } from 'node:util';

const PROGRAMS_OWN = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** Whether an error tells of this program and not of a connection: an argument that a library would not take, for example. */
export function isOwnFault(thrown: unknown): boolean {
  return !types.isNativeError(thrown) || PROGRAMS_OWN.has(thrown.name);
}
