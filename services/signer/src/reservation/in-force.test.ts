import { expect, test } from '@jest/globals';
import { evmAsk, stellarAsk } from '../../testing/asks.ts';
import { bookWith } from '../../testing/books.ts';
import { refusalOf, refused } from '../../testing/refusals.ts';
import { demandNotFrozen, demandPolicyInForce } from './in-force.ts';

test('the newest accepted policy is the one that may allow', () => {
  expect(() =>
    demandPolicyInForce(bookWith({}, { policyVersion: 7n }), stellarAsk([], { policyVersion: 7n })),
  ).not.toThrow();
});

test.each([
  [7n, 6n],
  [7n, 8n],
  [0n, 1n],
])('with version %d in force, nothing is reserved by version %d', (newest, decidedBy) => {
  const ask = stellarAsk([], { policyVersion: decidedBy });
  const message = `policy: version ${newest} is in force, and this was decided by version ${decidedBy}`;
  expect(refusalOf(() => demandPolicyInForce(bookWith({}, { policyVersion: newest }), ask))).toEqual(
    refused('POLICY_SUPERSEDED', 'POLICY_SUPERSEDED', message),
  );
});

test('a frozen key reserves nothing; the reason of the operator stays inside, and other keys go on', () => {
  const book = bookWith({}, { frozen: new Map([['treasury-evm', 'stolen laptop of X']]) });
  expect(refusalOf(() => demandNotFrozen(book, evmAsk(undefined)))).toEqual(
    refused('KEY_FROZEN', 'KEY_FROZEN', 'key_id: treasury-evm is frozen'),
  );
  expect(() => demandNotFrozen(book, stellarAsk([]))).not.toThrow();
});

test('a key that is frozen for no stated reason is frozen', () => {
  const book = bookWith({}, { frozen: new Map([['treasury-evm', '']]) });
  expect(refusalOf(() => demandNotFrozen(book, evmAsk(undefined))).code).toBe('KEY_FROZEN');
});
