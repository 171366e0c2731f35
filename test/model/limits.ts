import type { LimitsDrawn } from './steps.ts';

/** A limit over time: units of the asset, or stroops or wei; and how often. */
export interface Window {
  readonly seconds: number;
  readonly maxAmount?: bigint;
  readonly maxCount?: bigint;
}

export interface KeyLimits {
  /** Of each asset of the key. */
  readonly windows: readonly Window[];
  readonly feeWindows: readonly { readonly seconds: number; readonly maxAmount: bigint }[];
}

/** What one version of the policy says of time. */
export interface Limits {
  of(keyId: string): KeyLimits;
}

export const KEY_IDS = ['treasury-stellar', 'second-stellar', 'treasury-evm', 'second-evm'] as const;

const MINUTE = 60;
const LONG = 10 * MINUTE;
const HOUR = 60 * MINUTE;
// Some payouts of each size, some envelopes and nonces.
const UNITS = 1_000n;
const STROOPS = 500_000n;
const WEI = 10n ** 15n;

export const NO_LIMITS: Limits = { of: () => ({ windows: [], feeWindows: [] }) };

export function limitsOf(drawn: readonly LimitsDrawn[]): Limits {
  const limits = new Map(
    KEY_IDS.map((id, i) => [id as string, keyLimits(drawn[i], id.endsWith('evm') ? WEI : STROOPS)]),
  );
  return { of: (keyId) => limits.get(keyId) ?? NO_LIMITS.of(keyId) };
}

function keyLimits(drawn: LimitsDrawn | undefined, feeUnit: bigint): KeyLimits {
  if (drawn === undefined) return NO_LIMITS.of('');
  const { short, long, count, fees } = drawn;
  return {
    windows: [
      ...(short === 0 ? [] : [{ seconds: MINUTE, maxAmount: BigInt(short) * UNITS }]),
      ...(long === 0 ? [] : [{ seconds: LONG, maxAmount: BigInt(long) * UNITS, maxCount: BigInt(long) }]),
      ...(count === 0 ? [] : [{ seconds: HOUR, maxCount: BigInt(count) }]),
    ],
    feeWindows: fees === 0 ? [] : [{ seconds: MINUTE, maxAmount: BigInt(fees) * feeUnit }],
  };
}
