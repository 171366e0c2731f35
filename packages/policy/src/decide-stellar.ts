import type { StellarTransaction } from '@countersign/chains/stellar/decode';
import type { StellarKeyPolicy } from './policy.ts';
import { above, type Reason, reason } from './reason.ts';

/** Rules for a transaction of classic operations. */
export function* stellarViolations(
  policy: StellarKeyPolicy,
  transaction: StellarTransaction,
  now: bigint,
): Generator<Reason> {
  const { source, operations, fee } = transaction;
  for (const [i, operation] of operations.entries()) {
    if (operation.type === 'bumpSequence') continue;
    if (operation.source !== policy.account) {
      yield reason(
        'ACCOUNT_NOT_ALLOWED',
        `operations[${i}].source: expected ${policy.account}, got ${operation.source ?? source}`,
      );
    }
    if (operation.type === 'createAccount' && !policy.allowCreateAccount) {
      yield reason('CREATE_ACCOUNT_NOT_ALLOWED', `operations[${i}]: this key may not create accounts`);
    }
  }
  yield* channelViolations(policy, transaction, fee, now);
}

/** Rules for every envelope: whose sequence number it spends, for how much (stroops), and for how long. */
export function* channelViolations(
  policy: StellarKeyPolicy,
  { source, minTime, maxTime }: Pick<StellarTransaction, 'source' | 'minTime' | 'maxTime'>,
  fee: bigint,
  now: bigint,
): Generator<Reason> {
  if (!policy.channels.has(source)) {
    yield reason('CHANNEL_NOT_ALLOWED', `source: ${source} is not a listed channel account`);
  }
  if (fee > policy.maxFee) yield above('FEE_ABOVE_LIMIT', 'fee', 'stroops', policy.maxFee, fee);
  if (maxTime === 0n) {
    yield reason('TIME_BOUNDS_MISSING', 'maxTime: expected a time, got 0 (valid for ever)');
  } else if (maxTime <= now) {
    yield reason('TRANSACTION_EXPIRED', `maxTime: expected a time after ${now}, got ${maxTime}`);
  } else if (maxTime - now > policy.maxLifetime) {
    yield above('LIFETIME_ABOVE_LIMIT', 'maxTime', 'seconds from now', policy.maxLifetime, maxTime - now);
  }
  if (minTime > now) yield reason('VALID_LATER', `minTime: expected at most ${now}, got ${minTime}`);
}
