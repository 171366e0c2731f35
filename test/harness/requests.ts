import { create } from '@bufbuild/protobuf';
import { nativeAsset, stellarChainId } from '@countersign/chains/caip';
import { buildEvmTransfer, type EvmTransfer } from '@countersign/chains/evm/build';
import { buildStellarPayout, type StellarPayout } from '@countersign/chains/stellar/build';
import { Purpose, type SignTransactionRequest, SignTransactionRequestSchema } from '@countersign/contract/signer';
import type { SignerWorld } from './signers.ts';

export const PASSPHRASE = 'Standalone Network ; February 2017';
export const XLM = 'stellar:standalone/slip44:148';
export const ETH = 'eip155:31337/slip44:60';

type World = Pick<SignerWorld, 'keys' | 'recipients'>;

export interface TestPayout {
  readonly id: string;
  readonly destination?: string;
  readonly amount?: bigint;
}

let requests = 0;
const nextRequestId = () => `at_${++requests}`;

/** A request as the API makes it; `change` replaces parts of the transaction, `request` its id. A text memo is declared too. */
export function stellarRequest(
  { keys, recipients }: World,
  payouts: readonly TestPayout[],
  change: Partial<StellarPayout> = {},
  request: { readonly requestId?: string } = {},
): SignTransactionRequest {
  const [channel] = keys.channels;
  const [recipient] = recipients.stellar;
  if (channel === undefined || recipient === undefined) throw new Error('expected a channel and a recipient');
  const asset = nativeAsset(stellarChainId(change.networkPassphrase ?? PASSPHRASE));
  const terms = payouts.map(({ id, destination = recipient, amount = 10_000_000n }) => ({ id, destination, amount }));
  const { envelope } = buildStellarPayout({
    networkPassphrase: PASSPHRASE,
    channel: channel.publicKey(),
    treasury: keys.stellar.address,
    sequence: 1n,
    fee: 10_000n,
    maxTime: BigInt(Math.floor(Date.now() / 1000) + 120),
    payments: terms.map(({ destination, amount }) => ({ destination, asset, amount, createAccount: false })),
    ...change,
  });
  return create(SignTransactionRequestSchema, {
    requestId: request.requestId ?? nextRequestId(),
    keyId: 'treasury-stellar',
    purpose: Purpose.PAYOUT,
    payouts: terms.map(({ id, destination, amount }) => ({
      payoutId: id,
      destination,
      asset: XLM,
      amount: amount.toString(),
      ...(change.memo?.type === 'text' ? { memo: { kind: { case: 'text' as const, value: change.memo.value } } } : {}),
    })),
    transaction: {
      case: 'stellar',
      value: { networkPassphrase: change.networkPassphrase ?? PASSPHRASE, envelopeXdr: envelope },
    },
  });
}

/** One payout on a nonce. */
export function evmRequest(
  world: World,
  payout: TestPayout,
  change: Partial<EvmTransfer> = {},
  request: { readonly requestId?: string; readonly lowestOpenNonce?: bigint } = {},
): SignTransactionRequest {
  const [recipient] = world.recipients.evm;
  if (recipient === undefined) throw new Error('expected a recipient');
  const { id, destination = recipient, amount = 1_000_000_000n } = payout;
  const { lowestOpenNonce = 0n, requestId = nextRequestId() } = request;
  const { unsigned } = buildEvmTransfer({
    chainId: 31337n,
    nonce: 0n,
    to: destination,
    amount,
    gasLimit: 21_000n,
    maxFeePerGas: 100_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    ...change,
  });
  return create(SignTransactionRequestSchema, {
    requestId,
    keyId: 'treasury-evm',
    purpose: Purpose.PAYOUT,
    payouts: [{ payoutId: id, destination, asset: ETH, amount: amount.toString() }],
    transaction: { case: 'evm', value: { unsignedTransaction: unsigned, lowestOpenNonce } },
  });
}

/** A zero-value self-transfer on a nonce. */
export function cancelRequest(world: World, nonce: bigint, lowestOpenNonce = 0n): SignTransactionRequest {
  const { address } = world.keys.evm;
  const cancel = evmRequest(world, { id: 'none', destination: address, amount: 0n }, { nonce }, { lowestOpenNonce });
  return { ...cancel, purpose: Purpose.CANCEL, payouts: [] };
}

/** The same request around other bytes. */
export function withEnvelope(
  { requestId, keyId, purpose, payouts }: SignTransactionRequest,
  envelopeXdr: Uint8Array,
): SignTransactionRequest {
  const transaction = { case: 'stellar', value: { networkPassphrase: PASSPHRASE, envelopeXdr } } as const;
  return create(SignTransactionRequestSchema, { requestId, keyId, purpose, payouts, transaction });
}
