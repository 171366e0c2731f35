import { parseAssetId } from '@countersign/chains/caip';
import { expect, test } from '@jest/globals';
import { operationTransfer } from './operation-transfer.ts';

const paid = {
  destination: 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H',
  asset: parseAssetId('stellar:standalone/slip44:148').id,
  amount: 15n,
};
const memo = { type: 'id', value: 7n } as const;

test.each(['payment', 'createAccount'] as const)(
  'a %s moves what it says, with the memo of its transaction',
  (type) => {
    expect(operationTransfer({ type, ...paid }, undefined)).toStrictEqual(paid);
    expect(operationTransfer({ type, ...paid }, memo)).toStrictEqual({ ...paid, memo });
  },
);

test('a BumpSequence moves nothing', () => {
  expect(operationTransfer({ type: 'bumpSequence', bumpTo: 1024n }, memo)).toBeUndefined();
});
