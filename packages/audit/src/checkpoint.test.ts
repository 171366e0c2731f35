import { createHash, generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import { GENESIS_HASH } from './chain.ts';
import {
  type Checkpoint,
  checkpointHash,
  checkpointStatement,
  isSignedBy,
  keyFingerprint,
  signCheckpoint,
} from './checkpoint.ts';
import { checkpointLine, eventLine } from './line.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const checkpoint: Checkpoint = {
  number: 2n ** 60n + 1n,
  time: '2026-11-21T20:00:00.000Z',
  previousHash: GENESIS_HASH,
  key: keyFingerprint(privateKey),
  heads: [
    { chain: 'signer-0', sequence: 7n, hash: 'ab' },
    { chain: 'signer-1', sequence: 1n, hash: 'cd' },
  ],
};
const statement = checkpointStatement(checkpoint);

test('a checkpoint is canonical JSON with its numbers as text', () => {
  const { number, heads, ...rest } = checkpoint;
  const texts = heads.map((head) => ({ ...head, sequence: `${head.sequence}` }));
  expect(statement).toBe(canonicalize({ ...rest, number: `${number}`, heads: texts }));
});

test('its hash and its signature cover a line that says what it is, and the statement', () => {
  const hash = createHash('sha256').update(`countersign audit checkpoint v1\n${statement}`).digest('hex');
  expect(checkpointHash(statement)).toBe(hash);
  const signature = signCheckpoint(statement, privateKey);
  expect(isSignedBy(publicKey, statement, signature)).toBe(true);
  expect(isSignedBy(publicKey, statement.replace('"7"', '"8"'), signature)).toBe(false);
  expect(isSignedBy(generateKeyPairSync('ed25519').publicKey, statement, signature)).toBe(false);
  expect(isSignedBy(publicKey, statement, 'no signature')).toBe(false);
});

test('both halves of a key have one fingerprint', () => {
  expect(keyFingerprint(publicKey)).toBe(keyFingerprint(privateKey));
  expect(keyFingerprint(publicKey)).toMatch(/^[0-9a-f]{64}$/);
});

test('lines are one JSON object each', () => {
  const link = { chain: 'c', sequence: 3n, previousHash: 'ab', hash: 'cd' };
  const line = eventLine({ ...link, event: '{"a": 1}' });
  expect(line.endsWith('}\n')).toBe(true);
  expect(JSON.parse(line)).toEqual({ ...link, sequence: '3', event: { a: 1 } });
  expect(JSON.parse(checkpointLine({ statement: '{"number":"1"}', signature: 'c2ln' }))).toEqual({
    checkpoint: { number: '1' },
    signature: 'c2ln',
  });
});
