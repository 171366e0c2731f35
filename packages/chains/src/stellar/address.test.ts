import { describe, expect, test } from '@jest/globals';
import { parseStellarAccount, parseStellarDestination } from './address.ts';

// The examples of SEP-23.
const ACCOUNT = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const MUXED = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';

describe('SEP-23 addresses', () => {
  test('a plain account is itself', () => {
    expect(parseStellarAccount(ACCOUNT)).toBe(ACCOUNT);
    expect(parseStellarDestination(ACCOUNT)).toEqual({ address: ACCOUNT, account: ACCOUNT });
  });

  test('a muxed destination names the account that is paid', () => {
    expect(parseStellarDestination(MUXED)).toEqual({ address: MUXED, account: ACCOUNT });
  });

  test.each([
    ['a muxed account', MUXED],
    ['a bad checksum', `${ACCOUNT.slice(0, -1)}A`],
    ['a seed', 'SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR'],
    ['nothing', ''],
  ])('%s is no plain account', (_, text) => {
    expect(() => parseStellarAccount(text)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }));
  });

  test('a contract is no destination of a classic payment', () => {
    const contract = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';
    expect(() => parseStellarDestination(contract)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }));
  });
});
