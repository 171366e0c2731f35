import { attachEvmSignature } from '@countersign/chains/evm/attach';
import { buildEvmTransfer } from '@countersign/chains/evm/build';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sign } from 'viem/accounts';
import { toHex } from 'viem/utils';
import { type EvmWorld, newEvmAddress, startEvmWorld } from '../../../testing/engine/evm-world.ts';
import { createRpcCall, RpcError } from '../json-rpc.ts';
import { createEvmRpc, type EvmRpc } from './rpc.ts';
import { readSendError, type SendVerdict } from './send-verdict.ts';

const RECORDED: Readonly<Record<string, readonly (readonly [string, SendVerdict])[]>> = {
  geth: [
    ['already known', 'sent'],
    ['nonce too low', 'nonce-too-low'],
    ['nonce too low: next nonce 5, tx nonce 3', 'nonce-too-low'],
    ['nonce too high', 'nonce-too-high'],
    ['nonce too high: tx nonce 9, next nonce 5', 'nonce-too-high'],
    ['replacement transaction underpriced', 'underpriced'],
    ['transaction underpriced', 'underpriced'],
    ['transaction underpriced: gas tip cap 0, minimum needed 1', 'underpriced'],
    [
      'max fee per gas less than block base fee: address 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266, maxFeePerGas: 1, baseFee: 7',
      'underpriced',
    ],
    ['insufficient funds for gas * price + value', 'insufficient-funds'],
    ['insufficient funds for gas * price + value: balance 0, tx cost 21000, overshot 21000', 'insufficient-funds'],
    ['insufficient funds for transfer', 'insufficient-funds'],
    ['intrinsic gas too low: gas 20999, minimum needed 21000', 'gas'],
    ['exceeds block gas limit', 'gas'],
    ['transaction gas limit too high (cap: 16777216, tx: 30000000)', 'gas'],
    ['invalid sender', 'invalid'],
    ['invalid sender: invalid chain id for signer: have 1 want 5', 'invalid'],
    ['transaction type not supported', 'invalid'],
    ['txpool is full', 'unknown'],
    ['tx fee (1.20 ether) exceeds the configured cap (1.00 ether)', 'unknown'],
  ],
  anvil: [
    ['transaction already imported', 'sent'],
    ['nonce too low', 'nonce-too-low'],
    ['nonce too high', 'nonce-too-high'],
    ['replacement transaction underpriced', 'underpriced'],
    ['max fee per gas less than block base fee', 'underpriced'],
    ['Insufficient funds for gas * price + value', 'insufficient-funds'],
    ['intrinsic gas too low', 'gas'],
  ],
  erigon: [
    ['ALREADY_EXISTS: already known', 'sent'],
    ['existing tx with same hash', 'sent'],
    ['nonce too low', 'nonce-too-low'],
    ['could not replace existing tx', 'underpriced'],
    ['replacement transaction underpriced', 'underpriced'],
    ['underpriced', 'underpriced'],
    ['fee too low', 'underpriced'],
    ['insufficient funds', 'insufficient-funds'],
    ['intrinsic gas too low', 'gas'],
    ['gas limit is too high', 'gas'],
    ['invalid sender', 'invalid'],
    ['pending sub-pool is full', 'unknown'],
  ],
  nethermind: [
    ['AlreadyKnown', 'sent'],
    ['OldNonce, Current nonce: 5, nonce of rejected tx: 4.', 'nonce-too-low'],
    ['NonceGap, Future nonce. Expected nonce: 5', 'nonce-too-high'],
    ['NonceTooFarInFuture', 'nonce-too-high'],
    ['ReplacementNotAllowed', 'underpriced'],
    ['FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1, BaseFee: 7', 'underpriced'],
    ['FeeTooLowToCompete', 'underpriced'],
    ['InsufficientFunds, Account balance: 0, cumulative cost: 21000', 'insufficient-funds'],
    ['GasLimitExceeded, Gas limit: 100, gas limit of rejected tx: 200', 'gas'],
  ],
  besu: [
    ['Known transaction', 'sent'],
    ['Nonce too low', 'nonce-too-low'],
    ['Transaction nonce is too distant from current sender nonce', 'nonce-too-high'],
    ['An invalid transaction with a lower nonce exists', 'nonce-too-high'],
    ['Replacement transaction underpriced', 'underpriced'],
    ['Gas price below current base fee', 'underpriced'],
    ['Gas price below configured minimum gas price', 'underpriced'],
    ['Upfront cost exceeds account balance', 'insufficient-funds'],
    ['Intrinsic gas exceeds gas limit', 'gas'],
    ['Transaction gas limit exceeds block gas limit', 'gas'],
    ['Wrong chainId', 'invalid'],
    ['Invalid signature', 'invalid'],
  ],
};

describe.each(Object.entries(RECORDED))('the words of %s', (_node, texts) => {
  test.each(texts)('%s: %s', (text, verdict) => {
    expect(readSendError(new RpcError('refused', text, { rpcCode: -32000 }))).toBe(verdict);
  });
});

test('words that nobody has recorded, and no words at all, are unknown', () => {
  expect(readSendError(new RpcError('refused', 'the pool is on holiday'))).toBe('unknown');
  expect(readSendError(new RpcError('unreachable', 'eth_sendRawTransaction: already known to be down'))).toBe(
    'unknown',
  );
});

describe('a running anvil', () => {
  const GWEI = 10n ** 9n;
  let world: EvmWorld;
  let rpc: EvmRpc;

  beforeAll(async () => {
    world = await startEvmWorld();
    rpc = createEvmRpc(createRpcCall(world.url, 2_000));
    await send({ nonce: 0n, fee: 10n * GWEI });
    await world.mine(1);
  });
  afterAll(() => world.stop());

  const to = newEvmAddress();
  async function send({
    nonce = 1n,
    fee = 10n * GWEI,
    amount = 1n,
    gasLimit = 21_000n,
    chainId = 31337n,
  }): Promise<SendVerdict> {
    const { unsigned, signingHash } = buildEvmTransfer({
      chainId,
      nonce,
      to,
      amount,
      gasLimit,
      maxFeePerGas: fee,
      maxPriorityFeePerGas: fee < GWEI ? fee : GWEI,
    });
    const { r, s, yParity } = await sign({ hash: toHex(signingHash), privateKey: world.privateKey });
    const signature = new Uint8Array([
      ...Buffer.from(r.slice(2), 'hex'),
      ...Buffer.from(s.slice(2), 'hex'),
      yParity ?? 0,
    ]);
    try {
      await rpc.send(attachEvmSignature(unsigned, signature).signed);
      return 'sent';
    } catch (error) {
      if (error instanceof RpcError) return readSendError(error);
      throw error;
    }
  }

  test('takes one, knows it again, and wants more for another one on the nonce', async () => {
    expect(await send({})).toBe('sent');
    expect(await send({})).toBe('sent');
    expect(await send({ amount: 2n })).toBe('underpriced');
  });

  test('refuses a used nonce, an empty purse, too little gas, a fee below the base fee, another chain', async () => {
    expect(await send({ nonce: 0n })).toBe('nonce-too-low');
    expect(await send({ nonce: 2n, amount: 10n ** 21n })).toBe('insufficient-funds');
    expect(await send({ nonce: 2n, gasLimit: 2n ** 60n })).toBe('gas');
    expect(await send({ nonce: 2n, fee: 1n })).toBe('underpriced');
    expect(await send({ nonce: 2n, chainId: 5n })).toBe('invalid');
  });
});
