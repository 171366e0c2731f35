import { buildAuthorization, buildInvocation } from '@countersign/chains/stellar/build';
import { assetContract } from '@countersign/chains/stellar/contract';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import type { SorobanTerms } from '../../../config/chains.ts';
import { newId } from '../../../ids.ts';
import { unixTime } from '../../context.ts';
import type { Payout } from '../../payouts.ts';
import type { StellarContext } from '../context.ts';
import type { NewAuthorization } from './authorizations.ts';

/** Builds the one authorization of a payout, unsigned. @throws TransactionError where no transfer can be built of it. */
export function prepareAuthorization(
  { chain, treasury }: StellarContext,
  { authorizationLedgers }: SorobanTerms,
  { id: payoutId, asset, destination, amount }: Payout,
  channel: string,
  ledger: bigint,
): NewAuthorization {
  const { networkPassphrase } = chain;
  const nonce = authorizationNonce(payoutId);
  const expirationLedger = ledger + authorizationLedgers;
  const { entry, hash } = buildAuthorization({
    networkPassphrase,
    account: treasury.account,
    contract: assetContract(networkPassphrase, asset),
    destination,
    amount,
    nonce,
    expirationLedger: Number(expirationLedger),
  });
  return {
    id: newId('at'),
    payoutId,
    channel,
    nonce,
    expirationLedger,
    hash: Buffer.from(hash).toString('hex'),
    unsigned: entry,
    // Nothing was signed before, so that nothing can have used it.
    unusedAt: ledger,
  };
}

/** An envelope around an authorization entry. */
interface EnvelopeTerms {
  readonly channel: string;
  readonly sequence: bigint;
  readonly authorization: Uint8Array;
  /** What it may cost the ledger, and the whole fee in stroops; for a simulation neither counts. */
  readonly declared?: { readonly sorobanData: Uint8Array; readonly fee: bigint };
}

/** Builds an unsigned envelope that lives as long as any of the treasury's. */
export function prepareEnvelope(
  context: StellarContext,
  { channel, sequence, authorization, declared }: EnvelopeTerms,
): { readonly envelope: Uint8Array; readonly hash: Uint8Array; readonly maxTime: bigint } {
  const maxTime = unixTime(context) + BigInt(context.treasury.lifetimeSeconds);
  const built = buildInvocation({
    networkPassphrase: context.chain.networkPassphrase,
    channel,
    sequence,
    maxTime,
    authorization,
    fee: declared?.fee ?? 1n,
    ...(declared !== undefined && { sorobanData: declared.sorobanData }),
  });
  return { ...built, maxTime };
}
