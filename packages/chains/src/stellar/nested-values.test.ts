import { describe, expect, test } from '@jest/globals';
import { xdr } from '@stellar/stellar-sdk/base';
import { refusedWith } from '../../testing/refused.ts';
import { STANDALONE } from '../../testing/stellar.ts';
import { withFields } from '../../testing/varied-envelope.ts';
import type { TransactionErrorCode } from '../error.ts';
import { decodeStellarTransaction } from './decode.ts';

describe('values nested in values', () => {
  // An InvokeHostFunction whose one argument is a vector in a vector in a vector…
  function nested(depth: number): Uint8Array {
    const head = Buffer.from(withFields({ memo: xdr.Memo.memoNone(), operations: [] }))
      .toString('hex')
      .slice(0, -24);
    const call = `000000010000000000000018${'00'.repeat(44)}000000016600000000000001`;
    const vectors = `${'000000100000000100000001'.repeat(depth)}00000001`;
    return new Uint8Array(Buffer.from(`${head}${call}${vectors}${'00000000'.repeat(3)}`, 'hex'));
  }

  test.each<[number, TransactionErrorCode]>([
    [5, 'AUTHORIZATION_COUNT'],
    [100, 'AUTHORIZATION_COUNT'],
    [2600, 'MALFORMED_TRANSACTION'],
  ])('%d deep end in an error of ours', (depth, code) => {
    expect(refusedWith(() => decodeStellarTransaction(STANDALONE, nested(depth)))).toHaveProperty('code', code);
  });
});
