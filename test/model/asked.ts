import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { parseAssetId } from '@countersign/chains/caip';
import { buildEvmTransfer } from '@countersign/chains/evm/build';
import { buildAuthorization, buildInvocation, buildStellarPayout } from '@countersign/chains/stellar/build';
import { assetContract } from '@countersign/chains/stellar/contract';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { Purpose, type SignTransactionRequest, SignTransactionRequestSchema } from '@countersign/contract/signer';
import { PASSPHRASE } from '../harness/requests.ts';
import { sorobanData } from '../harness/soroban-data.ts';
import { assetOf, GAS, type Of, type PaidOut, payoutsOf, type Recipe } from './recipe.ts';
import type { Caller, World } from './world.ts';

/** A request, and what it was made of. */
export interface Asked {
  readonly recipe: Recipe;
  readonly caller: Caller;
  readonly requestId: string;
  /** Hex: what the key would sign. */
  readonly hash: string;
  /** How its own content is at fault, if it is: it is refused, whatever else is the case. */
  readonly flaw: Flaw | undefined;
  readonly request: SignTransactionRequest;
}

export type Flaw = 'POLICY_DENIED AMOUNT_ABOVE_LIMIT' | 'TRANSACTION_MISMATCH PAYOUT_NOT_PAID';

type Transaction = NonNullable<MessageInitShape<typeof SignTransactionRequestSchema>['transaction']>;

interface Asking extends Pick<Asked, 'caller' | 'requestId' | 'flaw'> {
  /** Unix seconds. */
  readonly maxTime: bigint;
  /** Of the same recipe: its bytes are these. */
  readonly earlier: Asked | undefined;
}

export function ask(world: World, recipe: Recipe, { caller, requestId, maxTime, flaw, earlier }: Asking): Asked {
  const { transaction, hash } =
    earlier === undefined
      ? transactionOf(world, recipe, maxTime)
      : { transaction: earlier.request.transaction, hash: earlier.hash };
  const asset = assetOf(world, recipe);
  const payouts = payoutsOf(recipe).map(({ id, destination, amount }, i) => ({
    payoutId: id,
    destination,
    asset,
    amount: `${flaw === 'TRANSACTION_MISMATCH PAYOUT_NOT_PAID' && i === 0 ? amount + 1n : amount}`,
  }));
  const purpose = payouts.length === 0 ? Purpose.CANCEL : Purpose.PAYOUT;
  const { keyId } = recipe.account;
  const request = create(SignTransactionRequestSchema, { requestId, keyId, purpose, payouts, transaction });
  return { recipe, caller, requestId, hash, flaw, request };
}

function transactionOf(world: World, recipe: Recipe, maxTime: bigint): { transaction: Transaction; hash: string } {
  const { transaction, hash } = build(world, recipe, maxTime);
  return { transaction, hash: Buffer.from(hash).toString('hex') };
}

function build(world: World, recipe: Recipe, maxTime: bigint): { transaction: Transaction; hash: Uint8Array } {
  switch (recipe.rail) {
    case 'classic':
      return classic(recipe, maxTime);
    case 'authorization':
      return authorization(world, recipe);
    case 'envelope':
      return envelope(world, recipe, maxTime);
    case 'evm':
      return evm(recipe);
    default:
      return recipe satisfies never;
  }
}

function classic({ account, channel, sequence, fee, payouts }: Of<'classic'>, maxTime: bigint) {
  const { id: asset } = parseAssetId('stellar:standalone/slip44:148');
  const { envelope: envelopeXdr, hash } = buildStellarPayout({
    networkPassphrase: PASSPHRASE,
    channel,
    treasury: account.address,
    sequence,
    fee,
    maxTime,
    payments: payouts.map(({ destination, amount }) => ({ destination, asset, amount, createAccount: false })),
  });
  return { hash, transaction: stellar(envelopeXdr) };
}

function authorization(world: World, recipe: Of<'authorization'>) {
  const { account, payout, expiration } = recipe;
  const { entry, hash } = buildAuthorization({
    networkPassphrase: PASSPHRASE,
    account: account.address,
    contract: assetContract(PASSPHRASE, parseAssetId(assetOf(world, recipe)).id),
    destination: payout.destination,
    amount: payout.amount,
    nonce: authorizationNonce(payout.id),
    expirationLedger: expiration,
  });
  const value = { networkPassphrase: PASSPHRASE, entryXdr: entry };
  return { hash, transaction: { case: 'stellarAuthorization', value } as const };
}

function envelope(world: World, { payout, entry, channel, sequence, fee }: Of<'envelope'>, maxTime: bigint) {
  const { envelope: envelopeXdr, hash } = buildInvocation({
    networkPassphrase: PASSPHRASE,
    channel,
    sequence,
    maxTime,
    fee,
    authorization: entry,
    sorobanData: dataOf(world, payout),
  });
  return { hash, transaction: stellar(envelopeXdr) };
}

// Every envelope around a payout's authorization declares the same.
const data = new Map<string, Uint8Array>();

function dataOf(world: World, payout: PaidOut): Uint8Array {
  const known = data.get(payout.id) ?? sorobanData(world, payout);
  data.set(payout.id, known);
  return known;
}

function evm({ account, nonce, lowestOpen, maxFeePerGas, payout }: Of<'evm'>) {
  const { unsigned, signingHash } = buildEvmTransfer({
    chainId: 31337n,
    nonce,
    to: payout?.destination ?? account.address,
    amount: payout?.amount ?? 0n,
    gasLimit: GAS,
    maxFeePerGas,
    maxPriorityFeePerGas: 1_000_000_000n,
  });
  const value = { unsignedTransaction: unsigned, lowestOpenNonce: lowestOpen };
  return { hash: signingHash, transaction: { case: 'evm', value } as const };
}

function stellar(envelopeXdr: Uint8Array) {
  return { case: 'stellar', value: { networkPassphrase: PASSPHRASE, envelopeXdr } } as const;
}
