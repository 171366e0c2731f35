import { describe, expect, test } from '@jest/globals';
import { StrKey } from '@stellar/stellar-sdk/base';
import { parseStellarAccount, parseStellarDestination } from './address.ts';

// The examples of SEP-23.
const ACCOUNT = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const CONTRACT = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';
const MUXED = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';

describe('SEP-23 addresses', () => {
  test('a plain account is itself', () => {
    expect(parseStellarAccount(ACCOUNT)).toBe(ACCOUNT);
    expect(parseStellarDestination(ACCOUNT)).toEqual({ kind: 'account', address: ACCOUNT, account: ACCOUNT });
  });

  test('a muxed destination names the account that is paid', () => {
    expect(parseStellarDestination(MUXED)).toEqual({ kind: 'muxed', address: MUXED, account: ACCOUNT });
  });

  test.each([
    ['a muxed account', MUXED],
    ['a bad checksum', `${ACCOUNT.slice(0, -1)}A`],
    ['a seed', 'SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR'],
    ['nothing', ''],
  ])('%s is no plain account', (_, text) => {
    expect(() => parseStellarAccount(text)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }));
  });

  test('a contract is a destination with no account, and no account', () => {
    expect(parseStellarDestination(CONTRACT)).toEqual({ kind: 'contract', address: CONTRACT });
    expect(() => parseStellarAccount(CONTRACT)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }));
  });

  test.each([
    ['a seed', 'SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR'],
    ['a contract with a bad checksum', `${CONTRACT.slice(0, -1)}B`],
    ['a contract in lower case', CONTRACT.toLowerCase()],
    ['a liquidity pool', StrKey.encodeLiquidityPool(new Uint8Array(32))],
    ['a claimable balance', StrKey.encodeClaimableBalance(new Uint8Array(33))],
    ['something that is no text', 7 as never],
  ])('%s is no destination', (_, text) => {
    expect(() => parseStellarDestination(text)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }));
  });
});
