import { attachEvmSignature } from '@countersign/chains/evm/attach';
import { buildEvmTransfer } from '@countersign/chains/evm/build';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generatePrivateKey, privateKeyToAddress, sign } from 'viem/accounts';
import { toHex } from 'viem/utils';
import { checkSigned } from './check-signed.ts';

const privateKey = generatePrivateKey();
const address = privateKeyToAddress(privateKey);
const token = privateKeyToAddress(generatePrivateKey());
type Terms = Partial<Parameters<typeof buildEvmTransfer>[0]>;
const draft = (terms: Terms) =>
  buildEvmTransfer({
    chainId: 1n,
    nonce: 7n,
    to: address,
    amount: 1n,
    gasLimit: 21_000n,
    maxFeePerGas: 10n,
    maxPriorityFeePerGas: 1n,
    ...terms,
  });

async function signed(terms: Terms = {}, key = privateKey) {
  const { unsigned, signingHash } = draft(terms);
  const { r, s, yParity } = await sign({ hash: toHex(signingHash), privateKey: key });
  const signature = new Uint8Array([
    ...Buffer.from(r.slice(2), 'hex'),
    ...Buffer.from(s.slice(2), 'hex'),
    yParity ?? 0,
  ]);
  const attached = attachEvmSignature(unsigned, signature);
  const response = { signature, signedTransaction: attached.signed, transactionHash: attached.hash };
  return { attempt: { unsigned, signingHash: toHex(signingHash) }, response };
}

describe('checkSigned', () => {
  test('accepts our transaction with our signature', async () => {
    const { attempt, response } = await signed();
    expect(await checkSigned(attempt, address, response)).toBeUndefined();
  });

  test("refuses another transaction, another key's signature, and no signature", async () => {
    const { attempt, response } = await signed();
    expect(await checkSigned(attempt, address, (await signed({ amount: 2n })).response)).toBe('another transaction');
    expect(await checkSigned(attempt, address, (await signed({}, generatePrivateKey())).response)).toBe(
      'a signature by another key',
    );
    const none = { ...response, signature: new Uint8Array(65) };
    expect(await checkSigned(attempt, address, none)).toBe('not a signature (INVALID_SIGNATURE)');
  });

  test('accepts our call of the token, and no other one', async () => {
    const ours = await signed({ token });
    expect(await checkSigned(ours.attempt, address, ours.response)).toBeUndefined();
    const others: Terms[] = [
      {},
      { token, amount: 2n },
      { token, to: privateKeyToAddress(generatePrivateKey()) },
      { token: privateKeyToAddress(generatePrivateKey()) },
    ];
    for (const terms of others) {
      expect(await checkSigned(ours.attempt, address, (await signed(terms)).response)).toBe('another transaction');
    }
  });

  test('refuses an answer that is changed in any bit', async () => {
    const { attempt, response } = await signed();
    const fields = ['signature', 'signedTransaction', 'transactionHash'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.nat(), fc.integer({ min: 0, max: 7 }), async (field, at, bit) => {
        const bytes = response[field];
        const index = at % bytes.length;
        const changed = bytes.with(index, (bytes[index] ?? 0) ^ (1 << bit));
        expect(await checkSigned(attempt, address, { ...response, [field]: changed })).toBeDefined();
      }),
    );
  });
});
