import { describe, expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { Transaction } from 'micro-eth-signer';
import { recoverTransactionAddress } from 'viem';
import { bytesToHex, keccak256, parseTransaction } from 'viem/utils';
import { anyTransfer, transferOf } from '../../testing/evm.ts';
import { refusedWith } from '../../testing/refused.ts';
import { evmAddress } from './address.ts';
import { attachEvmSignature } from './attach.ts';
import { buildEvmTransfer } from './build.ts';

const ORDER = secp256k1.Point.Fn.ORDER;
const secretKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((key) => secp256k1.utils.isValidSecretKey(key));

/** r ‖ s ‖ yParity of @noble/curves, which writes the recovery id first. */
function sign(hash: Uint8Array, key: Uint8Array): Uint8Array {
  const recovered = secp256k1.sign(hash, key, { prehash: false, format: 'recovered' });
  return Uint8Array.of(...recovered.subarray(1), ...recovered.subarray(0, 1));
}

function signature(r: bigint, s: bigint, yParity: number): Uint8Array {
  const rs = [r, s].map((scalar) => scalar.toString(16).padStart(64, '0')).join('');
  return Uint8Array.of(...Buffer.from(rs, 'hex'), yParity);
}

describe('a signature of @noble/curves', () => {
  test('attached, is read by viem as one of its address', async () => {
    await fc.assert(
      fc.asyncProperty(anyTransfer, secretKey, async (input, key) => {
        const { unsigned, signingHash } = buildEvmTransfer(input);
        const { signed, hash } = attachEvmSignature(unsigned, sign(signingHash, key));
        const serializedTransaction = `0x02${bytesToHex(signed).slice(4)}` as const;
        const sender = await recoverTransactionAddress({ serializedTransaction });
        expect(sender).toBe(evmAddress(secp256k1.getPublicKey(key, true)));
        expect(bytesToHex(hash)).toBe(keccak256(signed));
        expect(parseTransaction(serializedTransaction)).toMatchObject({ gas: input.gasLimit, type: 'eip1559' });
        expect(Transaction.fromBytes(signed)).toMatchObject({ sender, hash: bytesToHex(hash) });
      }),
      { numRuns: 50 },
    );
  });

  test('is all that is added', () => {
    const { unsigned } = buildEvmTransfer(transferOf());
    const { signed } = attachEvmSignature(unsigned, signature(1n, 2n, 1));
    const decoded = Transaction.fromBytes(signed);
    expect(decoded.raw).toMatchObject({ r: 1n, s: 2n, yParity: 1 });
    expect(decoded.removeSignature().toBytes()).toEqual(unsigned);
  });
});

describe('a signature that is refused', () => {
  test.each([
    ['64 bytes', new Uint8Array(64), 'signature'],
    ['66 bytes', new Uint8Array(66), 'signature'],
    ['hex', '00'.repeat(65) as never, 'signature'],
    ['r = 0', signature(0n, 1n, 0), 'signature.r'],
    ['r = n', signature(ORDER, 1n, 0), 'signature.r'],
    ['s = 0', signature(1n, 0n, 0), 'signature.s'],
    ['a high s (EIP-2)', signature(1n, ORDER / 2n + 1n, 0), 'signature.s'],
    ['yParity 2', signature(1n, 1n, 2), 'signature.yParity'],
    ['v = 27', signature(1n, 1n, 27), 'signature.yParity'],
  ])('%s', (_name, wrong, field) => {
    const { unsigned } = buildEvmTransfer(transferOf());
    expect(refusedWith(() => attachEvmSignature(unsigned, wrong))).toEqual({ code: 'INVALID_SIGNATURE', field });
  });

  test('the ends of both ranges are not', () => {
    const { unsigned } = buildEvmTransfer(transferOf());
    expect(attachEvmSignature(unsigned, signature(ORDER - 1n, ORDER / 2n, 0)).hash).toHaveLength(32);
  });

  test('any, on a transaction that has one', () => {
    const { unsigned } = buildEvmTransfer(transferOf());
    const { signed } = attachEvmSignature(unsigned, signature(1n, 1n, 0));
    expect(refusedWith(() => attachEvmSignature(signed, signature(1n, 1n, 0)))).toEqual({
      code: 'ALREADY_SIGNED',
      field: 'transaction',
    });
  });
});
