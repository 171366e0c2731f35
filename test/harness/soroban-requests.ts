import { create } from '@bufbuild/protobuf';
import { parseAssetId } from '@countersign/chains/caip';
import { buildAuthorization, buildInvocation } from '@countersign/chains/stellar/build';
import { assetContract } from '@countersign/chains/stellar/contract';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { Purpose, type SignTransactionRequest, SignTransactionRequestSchema } from '@countersign/contract/signer';
import { assetsOf } from '@countersign/dev/assets';
import { PASSPHRASE, type TestPayout } from './requests.ts';
import type { SignerWorld } from './signers.ts';
import { sorobanData } from './soroban-data.ts';

type World = Pick<SignerWorld, 'keys' | 'recipients'>;
type AuthorizationTerms = Parameters<typeof buildAuthorization>[0];
type InvocationTerms = Parameters<typeof buildInvocation>[0];

let requests = 0;

/** A payout of the stack's USDC to a contract, by the asset's contract. */
function termsOf(world: World, { id, destination = world.recipients.contracts[0] ?? '', amount = 40n }: TestPayout) {
  return { payoutId: id, destination, asset: assetsOf(world.keys).stellarUsdc, amount };
}

/** Asks for the one authorization of a payout; `change` replaces parts of the entry. */
export function authorizationRequest(
  world: World,
  payout: TestPayout,
  change: Partial<AuthorizationTerms> = {},
): SignTransactionRequest {
  const { payoutId, destination, asset, amount } = termsOf(world, payout);
  const { entry } = buildAuthorization({
    networkPassphrase: PASSPHRASE,
    account: world.keys.stellar.address,
    contract: assetContract(PASSPHRASE, parseAssetId(asset).id),
    destination,
    amount,
    nonce: authorizationNonce(payoutId),
    expirationLedger: 500,
    ...change,
  });
  return create(SignTransactionRequestSchema, {
    requestId: `au_${++requests}`,
    keyId: 'treasury-stellar',
    purpose: Purpose.PAYOUT,
    payouts: [{ payoutId, destination, asset, amount: amount.toString() }],
    transaction: { case: 'stellarAuthorization', value: { networkPassphrase: PASSPHRASE, entryXdr: entry } },
  });
}

/** Asks for an envelope around a payout's authorization; `change` replaces parts of it. */
export function invocationRequest(
  world: World,
  payout: TestPayout,
  authorization: Uint8Array,
  change: Partial<InvocationTerms> = {},
): SignTransactionRequest {
  const { payoutId, destination, asset, amount } = termsOf(world, payout);
  const { envelope } = buildInvocation({
    networkPassphrase: PASSPHRASE,
    channel: world.keys.channels[0]?.publicKey() ?? '',
    sequence: 1n,
    maxTime: BigInt(Math.floor(Date.now() / 1000) + 120),
    fee: 4_500_000n,
    authorization,
    sorobanData: sorobanData(world, { id: payoutId, destination }),
    ...change,
  });
  return create(SignTransactionRequestSchema, {
    requestId: `in_${++requests}`,
    keyId: 'treasury-stellar',
    purpose: Purpose.PAYOUT,
    payouts: [{ payoutId, destination, asset, amount: amount.toString() }],
    transaction: { case: 'stellar', value: { networkPassphrase: PASSPHRASE, envelopeXdr: envelope } },
  });
}
