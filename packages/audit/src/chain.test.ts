import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { anEvent } from '../testing/an-event.ts';
import { type ChainHead, type ChainRow, GENESIS_HASH, link, verifyChain } from './chain.ts';
import type { AuditEvent, JsonObject } from './event.ts';

const named = (eventName: string, additionalEventData: JsonObject = {}): AuditEvent =>
  anEvent({ eventName, additionalEventData });

function chainOf(events: readonly AuditEvent[], chain = 'signer-1'): ChainRow[] {
  const rows: ChainRow[] = [];
  for (const event of events) rows.push({ chain, event, ...link(chain, rows.at(-1), event) });
  return rows;
}

const headOf = (rows: readonly ChainRow[]): ChainHead | undefined => {
  const last = rows.at(-1);
  return last && { sequence: last.sequence, hash: last.hash };
};

const someRows = fc
  .array(fc.tuple(fc.stringMatching(/^[A-Z][a-z]{2,8}$/), fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.integer())), {
    minLength: 1,
    maxLength: 12,
  })
  .map((items) => chainOf(items.map(([name, data]) => named(name, data))));

describe('link', () => {
  test('hashes the canonical JSON of chain, sequence, previous hash and event', () => {
    const event = named('SignTransaction');
    const text = canonicalize({ chain: 'c', sequence: '8', previousHash: 'ab', event });
    expect(link('c', { sequence: 7n, hash: 'ab' }, event)).toEqual({
      sequence: 8n,
      previousHash: 'ab',
      hash: createHash('sha256')
        .update(text ?? '')
        .digest('hex'),
      text: canonicalize(event),
    });
  });

  test('opens a chain at 1 behind 64 zeros', () => {
    expect(link('c', undefined, named('Start'))).toMatchObject({ sequence: 1n, previousHash: GENESIS_HASH });
  });

  test('counts beyond what a double holds', () => {
    expect(link('c', { sequence: 2n ** 60n, hash: GENESIS_HASH }, named('Late')).sequence).toBe(2n ** 60n + 1n);
  });

  test('refuses an event that JSON cannot hold', () => {
    expect(() => link('c', undefined, named('Bad', { share: Number.NaN }))).toThrow(/^\$.additionalEventData/);
  });
});

describe('verifyChain', () => {
  test('accepts what link made, whole or from any point, also after a trip through JSON', () => {
    fc.assert(
      fc.property(someRows, fc.nat(), (rows, cut) => {
        const stored = rows.map((row) => ({ ...row, event: JSON.parse(JSON.stringify(row.event)) }));
        expect(verifyChain(stored)).toEqual({ ok: true, head: headOf(rows) });
        const at = cut % rows.length;
        const after = headOf(rows.slice(0, at));
        expect(verifyChain(rows.slice(at), after === undefined ? {} : { after })).toEqual({
          ok: true,
          head: headOf(rows),
        });
      }),
    );
  });

  test('accepts no rows', () => {
    expect(verifyChain([])).toEqual({ ok: true, head: undefined });
    const after = { sequence: 4n, hash: GENESIS_HASH };
    expect(verifyChain([], { after })).toEqual({ ok: true, head: after });
  });

  test('finds any changed field at its own sequence', () => {
    const changes: ((row: ChainRow) => ChainRow)[] = [
      (row) => ({ ...row, event: { ...row.event, eventName: `${row.event.eventName}x` } }),
      (row) => ({ ...row, event: { ...row.event, requestParameters: { amount: '10000001' } } }),
      (row) => ({ ...row, event: { ...row.event, errorCode: 'POLICY_DENIED' } }),
      (row) => ({ ...row, event: { ...row.event, readOnly: !row.event.readOnly } }),
      (row) => ({ ...row, chain: `${row.chain}x` }),
      (row) => ({ ...row, sequence: row.sequence + 1n }),
      (row) => ({ ...row, sequence: -row.sequence }),
      (row) => ({ ...row, hash: flip(row.hash) }),
      (row) => ({ ...row, previousHash: flip(row.previousHash) }),
    ];
    fc.assert(
      fc.property(someRows, fc.nat(), fc.constantFrom(...changes), (rows, where, change) => {
        const index = where % rows.length;
        const changed = rows.map((row, i) => (i === index ? change(row) : row));
        expect(verifyChain(changed)).toMatchObject({ ok: false, sequence: BigInt(index + 1) });
      }),
    );
  });

  test('finds a changed row whose own hash was made to fit, at the row behind it', () => {
    const rows = chainOf(['A', 'B', 'C'].map((name) => named(name)));
    const [first, second, third] = rows;
    if (!first || !second || !third) throw new Error('three rows');
    const event = { ...second.event, eventName: 'Forged' };
    const forged = { ...second, event, ...link('signer-1', first, event) };
    expect(verifyChain([first, forged, third])).toMatchObject({
      ok: false,
      sequence: 3n,
      problem: `expected previous hash ${forged.hash}, got ${second.hash}`,
    });
  });

  test('finds a dropped row, also the first, at its sequence', () => {
    fc.assert(
      fc.property(someRows, fc.nat(), (rows, where) => {
        fc.pre(rows.length > 1);
        const index = where % (rows.length - 1);
        expect(verifyChain(rows.toSpliced(index, 1))).toMatchObject({ ok: false, sequence: BigInt(index + 1) });
      }),
    );
  });

  test('finds a repeated or foreign row at the place where it stands', () => {
    fc.assert(
      fc.property(someRows, fc.nat(), (rows, where) => {
        const index = where % rows.length;
        const row = rows[index];
        if (row === undefined) throw new Error('inside');
        const repeated = rows.toSpliced(index, 0, row);
        expect(verifyChain(repeated)).toMatchObject({ ok: false, sequence: BigInt(index + 2) });
      }),
    );
  });

  test('finds two rows that changed places at the first of them', () => {
    fc.assert(
      fc.property(someRows, fc.nat(), fc.nat(), (rows, x, y) => {
        const [a, b] = [x % rows.length, y % rows.length].sort((left, right) => left - right);
        const [rowA, rowB] = [rows[a ?? 0], rows[b ?? 0]];
        if (a === undefined || b === undefined || !rowA || !rowB) throw new Error('inside');
        fc.pre(a !== b);
        expect(verifyChain(rows.with(a, rowB).with(b, rowA))).toMatchObject({ ok: false, sequence: BigInt(a + 1) });
      }),
    );
  });

  test('finds rows missing at the end, given the head', () => {
    fc.assert(
      fc.property(someRows, fc.nat(), (rows, where) => {
        const kept = where % rows.length;
        const head = headOf(rows);
        if (head === undefined) throw new Error('inside');
        expect(verifyChain(rows, { head })).toEqual({ ok: true, head });
        expect(verifyChain(rows.slice(0, kept), { head })).toEqual({
          ok: false,
          sequence: BigInt(kept + 1),
          problem: `expected events up to ${rows.length}`,
        });
      }),
    );
  });

  test('finds a chain that was written anew, given a head inside it', () => {
    const known = headOf(chainOf([named('A'), named('B')]));
    const rewritten = chainOf([named('A'), named('X'), named('C')]);
    if (known === undefined) throw new Error('two rows');
    expect(verifyChain(rewritten, { head: known })).toMatchObject({ ok: false, sequence: 2n });
  });

  test('reports an event that is not JSON as a bad row', () => {
    const [row] = chainOf([named('A')]);
    if (row === undefined) throw new Error('one row');
    const broken = { ...row, event: { ...row.event, additionalEventData: { at: Number.NaN } } };
    expect(verifyChain([broken])).toMatchObject({
      ok: false,
      sequence: 1n,
      problem: expect.stringMatching(/^expected hash none \(\$.additionalEventData.at: expected JSON, got NaN\)/),
    });
  });
});

const flip = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
