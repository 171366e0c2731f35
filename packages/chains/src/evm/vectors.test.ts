import { describe, expect, test } from '@jest/globals';
import { Transaction } from 'micro-eth-signer';
import { bytesToHex, hexToBytes, keccak256 } from 'viem/utils';
import { hex, MAX_UINT64, vectors } from '../../testing/evm.ts';
import { valueOrRefusal } from '../../testing/refused.ts';
import type { TransactionErrorCode } from '../error.ts';
import { evmAddress, parseEvmAddress } from './address.ts';
import { attachEvmSignature } from './attach.ts';
import { decodeEvmTransaction } from './decode.ts';

// @ethersproject/testcases, written by another implementation (ethers).
interface Typed {
  readonly name: string;
  readonly address: string;
  readonly key: string;
  readonly signed: string;
  readonly unsigned: string;
  readonly tx: {
    readonly type: 1 | 2;
    readonly chainId?: string;
    readonly nonce?: string;
    readonly to?: string;
    readonly value?: string;
    readonly data?: string;
    readonly gasLimit?: string;
    readonly maxFeePerGas?: string;
    readonly maxPriorityFeePerGas?: string;
    readonly accessList?: readonly unknown[];
  };
}
interface Legacy {
  readonly unsignedTransaction: string;
  readonly signedTransaction: string;
  readonly unsignedTransactionChainId5: string;
}

const typed = vectors('typed-transactions') as Typed[];
const feeMarket = typed.filter(({ tx }) => tx.type === 2);
const number = (value = '0x') => (value === '0x' ? 0n : BigInt(value));

/** Every reason to refuse a vector; none: it must be accepted. */
function reasons({ tx }: Typed): TransactionErrorCode[] {
  const applicable: [boolean, TransactionErrorCode][] = [
    [number(tx.chainId) < 1n || number(tx.chainId) > 9_223_372_036_854_775_771n, 'INVALID_CHAIN_ID'],
    [number(tx.nonce) >= MAX_UINT64, 'INVALID_NONCE'],
    [number(tx.maxPriorityFeePerGas) > number(tx.maxFeePerGas), 'INVALID_FEE'],
    [number(tx.gasLimit) > MAX_UINT64, 'INVALID_GAS_LIMIT'],
    [tx.to === undefined, 'CONTRACT_CREATION'],
    [(tx.data ?? '0x') !== '0x', 'UNSUPPORTED_CALLDATA'], // none is a token transfer
    [(tx.accessList ?? []).length > 0, 'UNSUPPORTED_ACCESS_LIST'],
  ];
  return applicable.filter(([applies]) => applies).map(([, code]) => code);
}

describe('the type-2 vectors of ethers', () => {
  test('are accepted where nothing speaks against them, with the same fields', () => {
    let accepted = 0;
    for (const vector of feeMarket) {
      const { tx, unsigned } = vector;
      const answer = valueOrRefusal(() => decodeEvmTransaction(hexToBytes(hex(unsigned))));
      if ('refused' in answer) {
        expect({ name: vector.name, reasons: reasons(vector) }).toEqual({
          name: vector.name,
          reasons: expect.arrayContaining([answer.refused.code]),
        });
        continue;
      }
      accepted += 1;
      expect({ name: vector.name, reasons: reasons(vector) }).toEqual({ name: vector.name, reasons: [] });
      expect(answer.value).toMatchObject({
        chainId: number(tx.chainId),
        nonce: number(tx.nonce),
        value: number(tx.value),
        gasLimit: number(tx.gasLimit),
        maxFeePerGas: number(tx.maxFeePerGas),
        maxPriorityFeePerGas: number(tx.maxPriorityFeePerGas),
        to: parseEvmAddress(tx.to ?? ''),
      });
      expect(bytesToHex(answer.value.signingHash)).toBe(keccak256(hex(unsigned)));
      const { r = 0n, s = 0n, yParity } = Transaction.fromHex(vector.signed).raw;
      const rs = `${r.toString(16).padStart(64, '0')}${s.toString(16).padStart(64, '0')}`;
      const signature = hexToBytes(`0x${rs}0${yParity}`);
      const { signed, hash } = attachEvmSignature(hexToBytes(hex(unsigned)), signature);
      expect(bytesToHex(signed)).toBe(vector.signed);
      expect(bytesToHex(hash)).toBe(keccak256(hex(vector.signed)));
    }
    expect(accepted).toBe(32);
  });

  test('are refused when signed', () => {
    for (const { signed } of feeMarket) {
      const answer = valueOrRefusal(() => decodeEvmTransaction(hexToBytes(hex(signed))));
      expect(answer).toHaveProperty('refused.code', 'ALREADY_SIGNED');
    }
  });
});

test('the type-1 vectors of ethers are refused, signed and unsigned', () => {
  const accessList = typed.filter(({ tx }) => tx.type === 1);
  for (const bytes of accessList.flatMap(({ signed, unsigned }) => [signed, unsigned])) {
    const answer = valueOrRefusal(() => decodeEvmTransaction(hexToBytes(hex(bytes))));
    expect(answer).toHaveProperty('refused.code', 'ACCESS_LIST_TRANSACTION');
  }
  expect(accessList.length).toBeGreaterThan(500);
});

test('the legacy vectors of ethers are refused, signed and unsigned', () => {
  const legacy = vectors('transactions') as Legacy[];
  for (const vector of legacy) {
    for (const bytes of [vector.unsignedTransaction, vector.unsignedTransactionChainId5, vector.signedTransaction]) {
      const answer = valueOrRefusal(() => decodeEvmTransaction(hexToBytes(hex(bytes))));
      expect(answer).toHaveProperty('refused.code', 'LEGACY_TRANSACTION');
    }
  }
  expect(legacy.length).toBeGreaterThan(1000);
});

test('the accounts of ethers have the same checksums here', () => {
  const accounts = vectors('accounts') as { address: string; checksumAddress: string }[];
  for (const { address, checksumAddress } of accounts) {
    expect(parseEvmAddress(address.toLowerCase())).toBe(checksumAddress);
    expect(parseEvmAddress(checksumAddress)).toBe(checksumAddress);
  }
  expect(accounts.length).toBeGreaterThan(1000);
});

test('the keys of ethers have the same addresses here', async () => {
  const { secp256k1 } = await import('@noble/curves/secp256k1.js');
  for (const { key, address } of feeMarket.slice(0, 50)) {
    const secret = hexToBytes(hex(key));
    expect(evmAddress(secp256k1.getPublicKey(secret, true)).toLowerCase()).toBe(address);
    expect(evmAddress(secp256k1.getPublicKey(secret, false)).toLowerCase()).toBe(address);
  }
});
