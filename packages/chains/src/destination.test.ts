import { describe, expect, test } from '@jest/globals';
import { refusedWith } from '../testing/refused.ts';
import { evmChainId, stellarChainId } from './caip.ts';
import { parseDestination } from './destination.ts';

const STELLAR = stellarChainId('Test SDF Network ; September 2015');
const EVM = evmChainId(1n);

// The examples of SEP-23 and EIP-55.
const ACCOUNT = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const MUXED = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
const CONTRACT = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';
const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';

describe('a destination', () => {
  test.each([
    ['an account', STELLAR, ACCOUNT, ACCOUNT],
    ['a muxed account, which stays one', STELLAR, MUXED, MUXED],
    ['a contract', STELLAR, CONTRACT, CONTRACT],
    ['an address in EIP-55', EVM, ADDRESS, ADDRESS],
    ['an address in lower case', EVM, ADDRESS.toLowerCase(), ADDRESS],
  ])('%s is read into its canonical form', (_, chain, text, canonical) => {
    expect(parseDestination(chain, text)).toBe(canonical);
  });

  test.each([
    ['an address of the EVM on Stellar', STELLAR, ADDRESS],
    ['an account of Stellar on the EVM', EVM, ACCOUNT],
    ['a muxed account that is none', STELLAR, 'Mxyz'],
    ['an address with a wrong checksum', EVM, ADDRESS.replace('aA', 'Aa')],
    ['nothing', EVM, ''],
  ])('%s is refused', (_, chain, text) => {
    expect(refusedWith(() => parseDestination(chain, text))).toEqual({ code: 'INVALID_ADDRESS', field: 'destination' });
  });
});
