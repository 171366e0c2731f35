import { queryObjects } from 'node:v8';

/**
 * Collects garbage now. A key of OpenSSL is overwritten when it is collected, and a process that has stopped using one may not come to that for
 * long. It stops everything for a tenth of a second or some, so it is done once for keys that move in a burst, after the last of them.
 * https://nodejs.org/api/v8.html#v8queryobjectsctor-options: it begins with a full collection, which nothing else in Node asks for
 */
export function collectGarbage(): void {
  queryObjects(WeakRef, { format: 'count' });
}
