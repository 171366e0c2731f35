import type { EvmTransfer } from '@countersign/chains/evm/build';
import type { StellarPayout } from '@countersign/chains/stellar/build';
import type { SignTransactionRequest } from '@countersign/contract/signer';
import { assetsOf, type StackAssets } from '@countersign/dev/assets';
import { cancelRequest, evmRequest, stellarRequest, type TestPayout } from '../../harness/requests.ts';
import { authorizationRequest, invocationRequest } from '../../harness/soroban-requests.ts';
import type { Attacker } from '../attacker.ts';

type Terms = Partial<TestPayout>;

/** A payment that policy allows, of a new payout in a new lane. */
export function stellar(t: Attacker, payout: Terms = {}, change: Partial<StellarPayout> = {}): SignTransactionRequest {
  return stellarRequest(t.world, [{ id: t.payout(), ...payout }], { sequence: t.sequence(), ...change });
}

/** A transfer that policy allows, of a new payout on the next nonce. */
export async function evm(
  t: Attacker,
  payout: Terms = {},
  change: Partial<EvmTransfer> = {},
): Promise<SignTransactionRequest> {
  const nonce = await t.nonce();
  const lowestOpenNonce = change.nonce ?? nonce;
  return evmRequest(t.world, { id: t.payout(), ...payout }, { nonce, ...change }, { lowestOpenNonce });
}

/** The same, of the stack's ERC-20 token. */
export async function erc20(
  t: Attacker,
  payout: Terms = {},
  change: Partial<EvmTransfer> = {},
): Promise<SignTransactionRequest> {
  const asset = assets(t).evmUsdc;
  const token = asset.slice(asset.lastIndexOf(':') + 1);
  const request = await evm(t, { amount: 5n, ...payout }, { token, gasLimit: 60_000n, ...change });
  return { ...request, payouts: request.payouts.map((declared) => ({ ...declared, asset })) };
}

/** A cancel that policy allows, on the next nonce. */
export async function cancel(t: Attacker): Promise<SignTransactionRequest> {
  const nonce = await t.nonce();
  return cancelRequest(t.world, nonce, nonce);
}

/** The authorization that policy allows, of a new payout to a contract. */
export function authorization(
  t: Attacker,
  payout: Terms = {},
  change: Parameters<typeof authorizationRequest>[2] = {},
): SignTransactionRequest {
  return authorizationRequest(t.world, { id: t.payout(), ...payout }, change);
}

/** An envelope that policy allows, around the authorization of a new payout, which this has signed first. */
export async function invocation(
  t: Attacker,
  payout: Terms = {},
  change: Parameters<typeof invocationRequest>[3] = {},
): Promise<SignTransactionRequest> {
  const terms = { id: t.payout(), ...payout };
  const { signedTransaction } = await t.prepare(authorizationRequest(t.world, terms));
  return invocationRequest(t.world, terms, signedTransaction, { sequence: t.sequence(), ...change });
}

export function assets({ world }: Attacker): StackAssets {
  return assetsOf(world.keys);
}

export function channel({ world }: Attacker, index = 0): string {
  return world.keys.channels[index]?.publicKey() ?? '';
}

/** Unix seconds, this many from now. */
export function secondsFromNow(seconds: number): bigint {
  return BigInt(Math.floor(Date.now() / 1000) + seconds);
}

/** The same request that declares its payouts in other words. */
export function declaring(
  request: SignTransactionRequest,
  change: Partial<Omit<SignTransactionRequest['payouts'][number], '$typeName'>>,
): SignTransactionRequest {
  return { ...request, payouts: request.payouts.map((payout) => ({ ...payout, ...change })) };
}

/** The same request with another transaction in it. */
export function carrying(request: SignTransactionRequest, bytes: Uint8Array): SignTransactionRequest {
  const { transaction } = request;
  switch (transaction.case) {
    case 'stellar':
      return { ...request, transaction: { case: 'stellar', value: { ...transaction.value, envelopeXdr: bytes } } };
    case 'stellarAuthorization':
      return {
        ...request,
        transaction: { case: 'stellarAuthorization', value: { ...transaction.value, entryXdr: bytes } },
      };
    case 'evm':
      return { ...request, transaction: { case: 'evm', value: { ...transaction.value, unsignedTransaction: bytes } } };
    default:
      return request;
  }
}

/** The transaction of a request, as bytes. */
export function bytesOf({ transaction }: SignTransactionRequest): Uint8Array {
  switch (transaction.case) {
    case 'stellar':
      return transaction.value.envelopeXdr;
    case 'stellarAuthorization':
      return transaction.value.entryXdr;
    case 'evm':
      return transaction.value.unsignedTransaction;
    default:
      return new Uint8Array();
  }
}
