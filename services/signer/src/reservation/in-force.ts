import { CountersignError } from '@countersign/contract/errors';
import type { Ask } from './ask.ts';
import type { Book } from './book.ts';

/** @throws CountersignError POLICY_SUPERSEDED where what allowed this is no longer the newest accepted policy. */
export function demandPolicyInForce({ policyVersion: newest }: Book, { policyVersion }: Ask): void {
  if (policyVersion === newest) return;
  const message = `policy: version ${newest} is in force, and this was decided by version ${policyVersion}`;
  throw new CountersignError('POLICY_SUPERSEDED', message, { reasons: [{ code: 'POLICY_SUPERSEDED', message }] });
}

/** @throws CountersignError KEY_FROZEN. The operator's reason is for the audit log, not for callers. */
export function demandNotFrozen({ frozen }: Book, { proposal: { key } }: Ask): void {
  if (!frozen.has(key.id)) return;
  const message = `key_id: ${key.id} is frozen`;
  throw new CountersignError('KEY_FROZEN', message, { reasons: [{ code: 'KEY_FROZEN', message }] });
}
