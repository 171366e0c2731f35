import type { Policy } from '@countersign/policy/schema';
import { FEE } from '../reservation/charge.ts';

/** A limit over time that a policy has, by the columns of its sum. */
export interface PolicyWindow {
  readonly keyId: string;
  /** CAIP-19 id, or `fee`. */
  readonly measure: string;
  readonly seconds: number;
}

export function windowsOf({ keys }: Policy): PolicyWindow[] {
  return [...keys].flatMap(([keyId, { assets, feeWindows }]) => [
    ...[...assets].flatMap(([measure, { windows }]) => windows.map(({ seconds }) => ({ keyId, measure, seconds }))),
    ...feeWindows.map(({ seconds }) => ({ keyId, measure: FEE, seconds })),
  ]);
}
