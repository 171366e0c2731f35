import { describe, expect, test } from '@jest/globals';
import { STELLAR_TERMS, TOKEN_TERMS } from '../../testing/terms.ts';
import { ClientError } from '../error.ts';
import { describeApproval } from './describe.ts';
import { parseDuration } from './duration.ts';
import { readTerms } from './terms.ts';

const ID = STELLAR_TERMS.payout;
const MUXED = 'MDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7KAAAAAAAAAAAA7C4A';
const CONTRACT = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';

describe('terms that the API shows', () => {
  test('are read', () => {
    expect(readTerms(ID, STELLAR_TERMS)).toMatchObject({ payoutId: ID, units: 125_000_000n, memo: 'text:Grüße' });
    expect(readTerms(ID, TOKEN_TERMS)).toMatchObject({ units: 125_000_000n, amount: '125', memo: undefined });
  });

  test.each<[string, object]>([
    ['of another payout', { payout: `po_${'0'.repeat(32)}` }],
    ['with another number of decimals than the asset has', { decimals: 14, amount: '0.00000125' }],
    ['with an amount that its units are not', { amount: '1.25' }],
    ['with an amount that is spelled otherwise', { amount: '12.50' }],
    ['with no amount', { amount_units: '0', amount: '0' }],
    ['with an asset of another chain', { chain: 'stellar:pubnet' }],
    ['with an asset that is none', { asset: 'stellar:testnet/slip44:60' }],
    ['with a line in the destination', { destination: `${STELLAR_TERMS.destination}\nasset: x` }],
    ['with a destination of another chain', { destination: TOKEN_TERMS.destination }],
    ['with no account', { account: undefined }],
    ['with an account of another chain', { account: TOKEN_TERMS.account }],
    ['with a part of an account', { account: MUXED }],
    ['with a contract for an account', { account: CONTRACT }],
    ['with a line in the account', { account: `${STELLAR_TERMS.account}\nnetwork: x` }],
    ['with a line in the key', { key: 'a\nb' }],
    ['with a memo of no kind', { memo: { type: 'link', value: 'x' } }],
    ['with a memo hash in another spelling', { memo: { type: 'hash', value: 'AA'.repeat(32) } }],
    ['with an id beyond 64 bits', { memo: { type: 'id', value: `${2n ** 64n}` } }],
  ])('%s are refused', (_name, changes) => {
    expect(() => readTerms(ID, { ...STELLAR_TERMS, ...changes })).toThrow(ClientError);
  });

  test('on EVM with an account of another chain are refused', () => {
    expect(() => readTerms(ID, { ...TOKEN_TERMS, account: STELLAR_TERMS.account })).toThrow('account: ');
  });

  test('with an address or a token in another spelling than the one that is signed are refused', () => {
    const lower = { destination: TOKEN_TERMS.destination.toLowerCase() };
    expect(() => readTerms(ID, { ...TOKEN_TERMS, ...lower })).toThrow('destination: expected 0x3C44');
    const account = TOKEN_TERMS.account.toLowerCase();
    expect(() => readTerms(ID, { ...TOKEN_TERMS, account })).toThrow('account: expected 0xf39F');
    expect(() => readTerms(ID, { ...TOKEN_TERMS, asset: TOKEN_TERMS.asset.toLowerCase() })).toThrow('asset: expected');
  });

  test('are refused in words that cannot move other text', () => {
    const terms = { ...STELLAR_TERMS, amount: '\x1b[2K1' };
    expect(() => readTerms(ID, terms)).toThrow('got \\u001b[2K1');
  });
});

describe('what is shown before signing', () => {
  test('says who gets what, from where, for how long, and who has approved', () => {
    const text = describeApproval(readTerms(ID, STELLAR_TERMS), 1_795_003_600);
    for (const part of [
      'pays       12.5 XLM\n',
      '125000000 in the smallest unit, 7 decimals',
      `to         ${STELLAR_TERMS.destination}`,
      'memo       "text:Gr\\u00fc\\u00dfe"',
      `from       ${STELLAR_TERMS.account}, the account of the key treasury-stellar`,
      'network    stellar:testnet',
      'SHA256:abc until 2026-11-18 11:06:40 UTC',
      'exactly this payout and nothing else, until 2026-11-18 12:06:40 UTC',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('word of the API');
  });

  test('says that the decimals of a token are the word of the API', () => {
    expect(describeApproval(readTerms(ID, TOKEN_TERMS), 1)).toContain('the word of the API (6)');
  });

  test.each([
    ['APPROVAL_REQUIRED: payouts[0]: has 1 of 2', 'needs_approval: APPROVAL_REQUIRED: payouts[0]: has 1 of 2\n'],
    ['has 1 of 2', 'needs_approval: APPROVAL_REQUIRED: has 1 of 2\n'],
  ])('names the code of the reason once, where its detail is %s', (detail, shown) => {
    const terms = { ...STELLAR_TERMS, status: 'needs_approval', reason: { code: 'APPROVAL_REQUIRED', detail } };
    expect(describeApproval(readTerms(ID, terms), 1)).toContain(`status     ${shown}`);
  });

  test('shows what the API says of status and approvals without its control characters', () => {
    const terms = readTerms(ID, {
      ...STELLAR_TERMS,
      reason: { code: 'X', detail: 'a\rpays      1 XLM\u202e' },
      approvals: [{ fingerprint: '\x1b[1A', expires_at: 9_007_199_254_740_991, expired: true }],
    });
    expect(describeApproval(terms, 1)).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

test.each([
  ['90s', 90],
  ['10m', 600],
  ['1h', 3_600],
  ['2d', 172_800],
])('%s is a time to live', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(['', '1', 'h', '0h', '-1h', '1.5h', '1w', '100000d', '1h '])('%j is no time to live', (text) => {
  expect(() => parseDuration(text)).toThrow(ClientError);
});
