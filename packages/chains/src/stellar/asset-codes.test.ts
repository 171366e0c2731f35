import { describe, expect, test } from '@jest/globals';
import { account, decodeClassic, STANDALONE } from '../../testing/stellar.ts';
import { hidden, issued, payment } from '../../testing/varied-envelope.ts';

describe('an issued asset', () => {
  test.each([
    ['USD\0', 'USD'],
    ['usdC', 'usdC'],
    ['1\0\0\0', '1'],
    ['XLM\0', 'XLM'],
    ['USDCX\0\0\0\0\0\0\0', 'USDCX'],
    ['TWELVELETTER', 'TWELVELETTER'],
  ])('of code %j is known by its own name and issuer', (bytes, code) => {
    const { operations } = decodeClassic(STANDALONE, hidden(payment({ asset: issued(bytes) })));
    expect(operations[57]).toMatchObject({ asset: `stellar:standalone/asset:${code}-${account(5)}` });
  });
});
