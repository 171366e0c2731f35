import { nativeAsset } from '@countersign/chains/caip';
import type { SignedAuthorization, StellarAuthorization, StellarInvocation } from '@countersign/chains/stellar/decode';
import type { Transfer } from '@countersign/chains/transfer';
import { channelViolations } from './decide-stellar.ts';
import { footprintViolations } from './footprint.ts';
import type { LedgerClock, SorobanPolicy, StellarKeyPolicy } from './policy.ts';
import { above, type Reason, reason } from './reason.ts';

/** Rules for the authorization of a token transfer, and for the envelope that carries it. */
export function* sorobanViolations(
  policy: StellarKeyPolicy,
  transaction: StellarAuthorization | StellarInvocation,
  payouts: readonly Transfer[],
  now: bigint,
): Generator<Reason> {
  const { soroban } = policy;
  if (soroban === undefined) {
    yield reason('SOROBAN_NOT_ALLOWED', 'transaction: this key may call no contract');
    return;
  }
  const authorization = transaction.kind === 'stellar-invocation' ? transaction.authorization : transaction;
  yield* authorizationViolations(policy, soroban, authorization, payouts, now);
  if (transaction.kind === 'stellar-invocation') yield* invocationViolations(policy, soroban, transaction, now);
}

function* authorizationViolations(
  policy: StellarKeyPolicy,
  soroban: SorobanPolicy,
  { account, transfer, expirationLedger }: StellarAuthorization | SignedAuthorization,
  payouts: readonly Transfer[],
  now: bigint,
): Generator<Reason> {
  if (account !== policy.account) {
    yield reason('ACCOUNT_NOT_ALLOWED', `authorization.account: expected ${policy.account}, got ${account}`);
  }
  const asset = soroban.contracts.get(transfer.contract)?.asset;
  // The rules for payouts looked at what was declared; it must be what this contract moves.
  if (asset === undefined || payouts.length !== 1 || payouts.some((declared) => declared.asset !== asset)) {
    const message = `authorization.transfer.contract: ${transfer.contract} is not the contract of the asset`;
    yield reason('CONTRACT_NOT_ALLOWED', message);
  }
  // Lumens that their contract sends to an account that is not there create it (CAP-73).
  if (!policy.allowCreateAccount && asset === nativeAsset(policy.chain) && transfer.destination.startsWith('G')) {
    const message = 'authorization.transfer.destination: this key may not create accounts, which lumens to one may do';
    yield reason('CREATE_ACCOUNT_NOT_ALLOWED', message);
  }
  const lastLedger = ledgerAt(soroban.ledgerClock, now + soroban.maxAuthorizationSeconds);
  if (expirationLedger > lastLedger) {
    const field = 'authorization.expirationLedger';
    yield reason(
      'AUTHORIZATION_LIFETIME_ABOVE_LIMIT',
      `${field}: expected at most ledger ${lastLedger}, got ${expirationLedger}`,
    );
  }
}

function* invocationViolations(
  policy: StellarKeyPolicy,
  { contracts, maxResourceFee }: SorobanPolicy,
  invocation: StellarInvocation,
  now: bigint,
): Generator<Reason> {
  const { resourceFee } = invocation.resources;
  yield* channelViolations(policy, invocation, invocation.fee - resourceFee, now);
  if (resourceFee > maxResourceFee) {
    yield above('RESOURCE_FEE_ABOVE_LIMIT', 'resources.resourceFee', 'stroops', maxResourceFee, resourceFee);
  }
  const contract = contracts.get(invocation.authorization.transfer.contract);
  if (contract === undefined) return;
  for (const message of footprintViolations(invocation, contract)) yield reason('FOOTPRINT_NOT_ALLOWED', message);
}

/** The ledger that is open at a time, by the pace that the policy tells. */
function ledgerAt({ ledger, closedAt, secondsPerLedger }: LedgerClock, time: bigint): bigint {
  return ledger + BigInt(Math.ceil(Number(time - closedAt) / secondsPerLedger));
}
