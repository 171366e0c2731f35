import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { APPROVAL_TEXT } from '../testing/vectors.ts';
import { type ApprovalTerms, approvalStatement } from './approval.ts';

const TERMS: ApprovalTerms = {
  payoutId: '2026-11-rent-0042',
  keyId: 'stellar-hot',
  account: 'GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q',
  network: 'stellar:testnet',
  destination: 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ',
  asset: 'stellar:testnet/asset:USDC-GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5',
  amount: 25_000_000_000n,
  memo: 'text:rent – "May"',
  expiresAt: 1_798_761_600n,
};
const memoLine = (memo: string | undefined) => approvalStatement({ ...TERMS, memo }).split('\n')[8];
const INVALID = expect.objectContaining({ name: 'SshsigError', code: 'INVALID_TERMS' });

describe('the statement of an approval', () => {
  test('is the text that docs/ssh-signatures.md shows, and that OpenSSH signed', () => {
    expect(approvalStatement(TERMS)).toBe(APPROVAL_TEXT);
  });

  test.each([
    [undefined, 'memo: none'],
    ['text:', 'memo: "text:"'],
    ['text:none', 'memo: "text:none"'],
    ['id:18446744073709551615', 'memo: "id:18446744073709551615"'],
    [`hash:${'0f'.repeat(32)}`, `memo: "hash:${'0f'.repeat(32)}"`],
    ['text: ~/', 'memo: "text: ~/"'],
    ['text:"\\', 'memo: "text:\\"\\\\"'],
    ['text:a\nkey: b', 'memo: "text:a\\u000akey: b"'],
    ['text:\t\r\u007f\0', 'memo: "text:\\u0009\\u000d\\u007f\\u0000"'],
    ['text:é\u2028😀', 'memo: "text:\\u00e9\\u2028\\ud83d\\ude00"'],
  ])('has the memo %j in one line', (memo, line) => {
    expect(memoLine(memo)).toBe(line);
  });

  test('is ten lines of printable ASCII, and its memo reads back as JSON, whatever the memo', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const statement = approvalStatement({ ...TERMS, memo: `text:${text}` });
        expect(statement).toMatch(/^(?:[ -~]+\n){10}$/);
        expect(JSON.parse(statement.split('\n')[8]?.slice('memo: '.length) ?? '')).toBe(`text:${text}`);
      }),
    );
  });

  // Few letters, so that two terms are often almost the same.
  const word = fc.string({ unit: fc.constantFrom('a', ':', '"'), minLength: 1, maxLength: 2 });
  const kind = fc.constantFrom('text', 'id', 'hash', 'return');
  const memo = fc.tuple(kind, fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'u', '0', 'é'), maxLength: 3 }));
  const terms = fc.record({
    payoutId: word,
    keyId: word,
    account: word,
    network: word,
    destination: word,
    asset: word,
    amount: fc.bigInt(1n, 12n),
    memo: fc.option(
      memo.map((parts) => parts.join(':')),
      { nil: undefined },
    ),
    expiresAt: fc.bigInt(1n, 12n),
  });

  test('is another one for other terms', () => {
    fc.assert(
      fc.property(terms, terms, (one, other) => {
        const same = Object.entries(one).every(([name, value]) =>
          Object.entries(other).some(([n, v]) => n === name && v === value),
        );
        expect(approvalStatement(one) === approvalStatement(other)).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  test('is another one when a single field is another one', () => {
    fc.assert(
      fc.property(terms, terms, fc.nat(8), (one, other, at) => {
        const [name, value] = Object.entries(other)[at] ?? ['payoutId', ''];
        const changed = { ...one, [name]: value };
        const same = Object.entries(one)[at]?.[1] === value;
        expect(approvalStatement(changed) === approvalStatement(one)).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });

  const FIELDS = ['payoutId', 'keyId', 'account', 'network', 'destination', 'asset'] as const;
  test.each(FIELDS)('is refused with anything but printable ASCII in its %s', (field) => {
    for (const bad of ['', ' ', 'a b', 'a\nb', 'a\n', 'a\r', '\0', 'é', '\u2028', '\u007f']) {
      expect(() => approvalStatement({ ...TERMS, [field]: bad })).toThrow(INVALID);
    }
  });

  test.each(['none', '', 'TEXT:x', 'text', ' text:x', '\ntext:x'])('is refused with the memo %j, of no kind', (bad) => {
    expect(() => memoLine(bad)).toThrow(INVALID);
  });

  test('is refused with an amount or an end that is not above 0', () => {
    for (const bad of [0n, -1n]) {
      expect(() => approvalStatement({ ...TERMS, amount: bad })).toThrow(INVALID);
      expect(() => approvalStatement({ ...TERMS, expiresAt: bad })).toThrow(INVALID);
    }
  });
});
