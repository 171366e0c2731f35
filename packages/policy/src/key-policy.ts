import { z } from 'zod';
import { approvalRules, readApprovals } from './approvals.ts';
import type { Checker } from './checker.ts';
import { evmPolicy, evmRules } from './evm-rules.ts';
import type { EvmKeyPolicy, KeyPart, KeyPolicy, StellarKeyPolicy } from './policy.ts';
import { stellarPolicy, stellarRules } from './stellar-rules.ts';
import { feeBudgetRules, readFeeBudget } from './windows.ts';

const spiffeId = z
  .string()
  .regex(/^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/, 'expected a SPIFFE ID')
  .meta({ title: 'SPIFFE ID' });

export const keyRules = z.strictObject({
  callers: z
    .record(
      spiffeId,
      z
        .array(z.enum(['payout', 'cancel']))
        .min(1)
        .describe('what for; `cancel` exists on EVM alone'),
    )
    .describe('who may ask for a signature of this key; whoever is not named is refused'),
  allow_legacy: z
    .boolean()
    .optional()
    .describe(
      'whether a key that has been on `kms` may go back to `legacy` or `shadow`; without it such a flag is refused, after a restart too',
    ),
  fee_budget: feeBudgetRules.optional(),
  approvals: approvalRules.optional(),
  stellar: stellarRules
    .optional()
    .describe('an Ed25519 key, on one Stellar network: exactly one of `stellar` and `evm`'),
  evm: evmRules.optional().describe('a secp256k1 key, on one EVM chain'),
});
type KeyRules = z.infer<typeof keyRules>;

const FEES = {
  stellar: { decimals: 7, most: 2n ** 63n - 1n },
  evm: { decimals: 18, most: 2n ** 256n - 1n },
} as const;

/** One key of the file; an issue at its path for everything in it that is wrong. */
export function keyPolicy(rules: KeyRules, at: Checker): KeyPolicy | undefined {
  const { stellar, evm } = rules;
  if ((stellar === undefined) === (evm === undefined)) {
    return at.fail([], 'expected exactly one of `stellar` and `evm`');
  }
  const callers = new Map(Object.entries(rules.callers).map(([identity, purposes]) => [identity, new Set(purposes)]));
  for (const [identity, purposes] of callers) {
    if (stellar !== undefined && purposes.has('cancel')) {
      at.fail(['callers', identity], '`cancel` exists on EVM alone');
    }
  }
  refuseMissingParts(rules, at);
  const part = partOf(rules, at);
  const kind = stellar === undefined ? 'evm' : 'stellar';
  const unit = { ...FEES[kind], least: part === undefined ? 0n : highestFee(part) };
  const feeWindows = readFeeBudget(rules.fee_budget ?? [], unit, at.in('fee_budget'));
  const approvals = rules.approvals && readApprovals(rules.approvals, at.in('approvals'));
  if (part === undefined) return undefined;
  const allowLegacy = rules.allow_legacy === true && ({ allowLegacy: true } as const);
  return { ...part, callers, feeWindows, ...(approvals && { approvals }), ...allowLegacy };
}

function partOf(
  { stellar, evm }: KeyRules,
  at: Checker,
): KeyPart<StellarKeyPolicy> | KeyPart<EvmKeyPolicy> | undefined {
  if (stellar !== undefined) return stellarPolicy(stellar, at.in('stellar'));
  return evm && evmPolicy(evm, at.in('evm'));
}

/** The most that one transaction may offer. */
function highestFee(part: KeyPart<StellarKeyPolicy> | KeyPart<EvmKeyPolicy>): bigint {
  if (part.kind === 'evm') return part.maxGasLimit * part.maxFeePerGas;
  return part.maxFee + (part.soroban?.maxResourceFee ?? 0n);
}

/** What one part demands of another: approvers where approvals are asked for, and limits over time where anybody is paid. */
function refuseMissingParts({ stellar, evm, approvals, fee_budget: feeBudget }: KeyRules, at: Checker): void {
  const { assets, destinations } = stellar ?? evm ?? { assets: {}, destinations: [] };
  const anybody = destinations === 'any';
  for (const [id, { approval_above: approvalAbove, windows = [] }] of Object.entries(assets)) {
    const asset = at.in([stellar === undefined ? 'evm' : 'stellar', 'assets', id]);
    if (approvalAbove !== undefined && approvals === undefined) {
      asset.fail('approval_above', 'needs the `approvals` of the key');
    }
    for (const limit of anybody ? (['max_amount', 'max_count'] as const) : []) {
      if (windows.every((window) => window[limit] === undefined)) {
        asset.fail('windows', `expected one with \`${limit}\`, which \`destinations: any\` needs`);
      }
    }
  }
  if (!anybody) return;
  if (feeBudget === undefined) at.fail('fee_budget', 'is needed with `destinations: any`');
  if (approvals?.unlisted_destinations === true) {
    at.fail(['approvals', 'unlisted_destinations'], 'expected false: with `destinations: any` there is none');
  }
}
