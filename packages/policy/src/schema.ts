import { z } from 'zod';
import { Checker } from './checker.ts';
import { keyPolicy, keyRules } from './key-policy.ts';
import type { KeyPolicy, Policy } from './policy.ts';

export type {
  AmountWindow,
  ApprovalRules,
  AssetLimits,
  Callers,
  ContractPolicy,
  Destinations,
  EvmKeyPolicy,
  FeeWindow,
  KeyPolicy,
  LedgerClock,
  MemoRule,
  NeverPaid,
  Policy,
  Purpose,
  SorobanPolicy,
  StellarKeyPolicy,
} from './policy.ts';

/**
 * The policy file (YAML, already parsed) → {@link Policy}. Amounts and `max_fee` are decimal strings in units of the asset;
 * fee caps of EVM are integers in wei. An unknown word, a bad address or an asset of another chain is an issue at its path.
 */
export const policySchema = z
  .strictObject({
    version: z
      .int()
      .min(1)
      .describe('counts the changes of this file: each has a higher one than all before it; audit events show it'),
    environment: z
      .string()
      .min(1)
      .describe(
        'what the policy is for, in your own words; a database is of one environment, for good; audit events show it',
      ),
    keys: z
      .record(z.string().meta({ title: 'key id' }), keyRules)
      .describe('the rules of each key of KEYS_FILE; a key that is not named signs nothing'),
  })
  .transform((file, context): Policy => {
    const keys = new Map<string, KeyPolicy>();
    for (const [id, key] of Object.entries(file.keys)) {
      const policy = keyPolicy(key, new Checker(context, ['keys', id]));
      if (policy !== undefined) keys.set(id, policy);
    }
    return { version: file.version, environment: file.environment, keys };
  });
