import type { AuditEvent } from '@countersign/audit/event';
import type { Observer, Sight } from './observer.ts';

/** The stages of a request, in their order. */
const STAGES = ['authenticate', 'decode', 'match', 'decide', 'reserve', 'sign', 'verify', 'record'] as const;
export type Stage = (typeof STAGES)[number];

/** Others are written from time to time: summaries, checkpoints. */
const OF_A_REQUEST: ReadonlySet<string> = new Set(['ReserveSignature', 'SignTransaction']);

/**
 * Holds a refusal to what it promises: no row of the ledger has changed, the key backend was not asked, and exactly one
 * audit event was written, with this code and these reasons.
 *
 * @param outcome `CODE REASON…`
 * @returns the stage that refused, or undefined for a call that has no stages.
 */
export async function checkRefusal(observer: Observer, before: Sight, outcome: string): Promise<Stage | undefined> {
  await checkUntouched(observer, before, outcome);
  const events = (await observer.eventsSince(before)).filter(({ eventName }) => OF_A_REQUEST.has(eventName));
  const [event, ...others] = events;
  const told = event === undefined ? 'none' : toldBy(event);
  if (event === undefined || others.length > 0 || told !== outcome) {
    throw new Error(`${outcome}: expected one audit event that says so, got ${events.length}: ${told}`);
  }
  const { stageMicroseconds } = event.additionalEventData;
  return STAGES.findLast((stage) => Object.hasOwn(Object(stageMicroseconds), stage));
}

async function checkUntouched(observer: Observer, before: Sight, outcome: string): Promise<void> {
  const after = await observer.look();
  if (after.ledger !== before.ledger) throw new Error(`${outcome}: it has left something behind in the ledger`);
  if (after.signatures !== before.signatures) throw new Error(`${outcome}: the key backend was asked for a signature`);
}

function toldBy({ errorCode, additionalEventData }: AuditEvent): string {
  const { reasons } = additionalEventData;
  const codes = Array.isArray(reasons) ? reasons.map((reason: unknown) => String(Object(reason).code)) : [];
  return [errorCode ?? 'no error', ...codes].join(' ');
}
