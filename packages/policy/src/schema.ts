import { z } from 'zod';
import { Checker } from './checker.ts';
import { evmPolicy, evmRules } from './evm-rules.ts';
import type { KeyPolicy, Policy } from './policy.ts';
import { stellarPolicy, stellarRules } from './stellar-rules.ts';

export type {
  AssetLimits,
  Callers,
  ContractPolicy,
  EvmKeyPolicy,
  KeyPolicy,
  LedgerClock,
  Policy,
  Purpose,
  SorobanPolicy,
  StellarKeyPolicy,
} from './policy.ts';

const spiffeId = z
  .string()
  .regex(/^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/, 'expected a SPIFFE ID')
  .meta({ title: 'SPIFFE ID' });

const keyRules = z.strictObject({
  callers: z
    .record(
      spiffeId,
      z
        .array(z.enum(['payout', 'cancel']))
        .min(1)
        .describe('what for; `cancel` exists on EVM alone'),
    )
    .describe('who may ask for a signature of this key; whoever is not named is refused'),
  stellar: stellarRules
    .optional()
    .describe('an Ed25519 key, on one Stellar network: exactly one of `stellar` and `evm`'),
  evm: evmRules.optional().describe('a secp256k1 key, on one EVM chain'),
});

/**
 * The policy file (YAML, already parsed) → {@link Policy}. Amounts and `max_fee` are decimal strings in units of the asset;
 * fee caps of EVM are integers in wei. An unknown word, a bad address or an asset of another chain is an issue at its path.
 */
export const policySchema = z
  .strictObject({
    version: z.int().min(1).describe('counts the changes of this file; audit events show it'),
    environment: z.string().min(1).describe('what the policy is for, in your own words; audit events show it'),
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

function keyPolicy({ callers: file, stellar, evm }: z.infer<typeof keyRules>, at: Checker): KeyPolicy | undefined {
  const callers = new Map(Object.entries(file).map(([identity, purposes]) => [identity, new Set(purposes)]));
  if (evm !== undefined && stellar === undefined) return evmPolicy(callers, evm, at.in('evm'));
  if (stellar === undefined || evm !== undefined) return at.fail([], 'expected exactly one of `stellar` and `evm`');
  for (const [identity, purposes] of callers) {
    if (purposes.has('cancel')) at.fail(['callers', identity], '`cancel` exists on EVM alone');
  }
  return stellarPolicy(callers, stellar, at.in('stellar'));
}
