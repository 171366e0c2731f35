import { parsePublicKey } from '@countersign/sshsig/public-key';
import { z } from 'zod';
import type { Checker } from './checker.ts';
import type { ApprovalRules } from './policy.ts';

// As many signatures as a request may carry for one payout.
const MAX_THRESHOLD = 16;
const MAX_LIFETIME_SECONDS = 2_592_000; // 30 days

export const approvalRules = z
  .strictObject({
    threshold: z.int().min(1).max(MAX_THRESHOLD).describe('how many approvers have to sign for a payout'),
    approvers: z
      .record(
        z
          .string()
          .regex(/^[A-Za-z0-9._@-]{1,64}$/, 'expected 1–64 letters, digits and ._@-')
          .meta({ title: 'name' }),
        z
          .string()
          .meta({ pattern: '^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( .*)?$' })
          .describe('the approver’s public key, a line of OpenSSH: `ssh-ed25519 AAAA…`, or ECDSA; each key once'),
      )
      .describe('who may approve, by name; at least `threshold`'),
    unlisted_destinations: z
      .boolean()
      .describe(
        'whether a destination that is not listed, or not with this memo, is paid with approvals; if not, never',
      ),
    max_lifetime_seconds: z
      .int()
      .min(1)
      .max(MAX_LIFETIME_SECONDS)
      .describe('the most between now and the expiry of an approval'),
  })
  .describe('payouts for which people sign, above an amount (`approval_above`) or to a destination that is not listed');

/** The `approvals` part of a key; an issue for every key that is none or stands twice, and for too few of them. */
export function readApprovals(rules: z.infer<typeof approvalRules>, at: Checker): ApprovalRules {
  const approvers = new Map<string, string>();
  for (const [name, line] of Object.entries(rules.approvers)) {
    at.read(['approvers', name], () => {
      const { fingerprint } = parsePublicKey(line);
      const other = approvers.get(fingerprint);
      if (other !== undefined) throw new Error(`expected a key of their own, got that of ${other}`);
      approvers.set(fingerprint, name);
    });
  }
  if (Object.keys(rules.approvers).length < rules.threshold) {
    at.fail('approvers', `expected at least ${rules.threshold}, as many as have to sign`);
  }
  return {
    threshold: rules.threshold,
    approvers,
    unlistedDestinations: rules.unlisted_destinations,
    maxLifetime: BigInt(rules.max_lifetime_seconds),
  };
}
