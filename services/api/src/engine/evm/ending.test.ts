import { erc20Asset, evmChainId, nativeAsset } from '@countersign/chains/caip';
import { describe, expect, test } from '@jest/globals';
import { encodeAbiParameters, encodeEventTopics, erc20Abi, getAddress } from 'viem';
import { endingOf } from './ending.ts';

const chain = evmChainId(1n);
const token = getAddress(`0x${'a'.repeat(40)}`);
const treasury = getAddress(`0x${'c'.repeat(40)}`);
const destination = getAddress(`0x${'d'.repeat(40)}`);
const inToken = { asset: erc20Asset(chain, token), destination, amount: 7n };
const inEther = { asset: nativeAsset(chain), destination, amount: 7n };
const payout = { purpose: 'payout', nonce: 3n } as const;
const cancel = { purpose: 'cancel', nonce: 3n } as const;

const transfer = (value: bigint) => ({
  address: token.toLowerCase(),
  topics: encodeEventTopics({ abi: erc20Abi, eventName: 'Transfer', args: { from: treasury, to: destination } }).map(
    String,
  ),
  data: encodeAbiParameters([{ type: 'uint256' }], [value]),
});
const mined = { hash: '0x01', blockNumber: 5n, blockHash: '0x02', succeeded: true, logs: [transfer(7n)] };

describe('endingOf', () => {
  test('a token has paid when its log says so', () => {
    const detail = { block: '5', nonce: '3' };
    expect(endingOf(treasury, inToken, payout, mined)).toEqual({ to: 'completed', hash: '0x01', detail });
  });

  test('ether has been paid when the transaction succeeded, whatever contracts log', () => {
    expect(endingOf(treasury, inEther, payout, { ...mined, logs: [transfer(6n)] }).to).toBe('completed');
  });

  test.each([
    ['reverted', payout, { ...mined, succeeded: false, logs: [] }, 'failed', 'EVM_REVERTED'],
    ['canceled', cancel, { ...mined, logs: [] }, 'failed', 'NONCE_CANCELED'],
    ['without a log', payout, { ...mined, logs: [] }, 'indeterminate', 'TRANSFER_MISSING'],
    ['with another log', payout, { ...mined, logs: [transfer(6n)] }, 'indeterminate', 'TRANSFER_DIFFERS'],
    ['with two logs', payout, { ...mined, logs: [transfer(7n), transfer(7n)] }, 'indeterminate', 'TRANSFER_DIFFERS'],
  ] as const)('a transfer of a token, %s', (_what, attempt, receipt, to, code) => {
    expect(endingOf(treasury, inToken, attempt, receipt)).toMatchObject({ to, hash: '0x01', reason: { code } });
  });
});
