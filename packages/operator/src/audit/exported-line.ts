import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';

// Written anew, and not packages/audit's: two implementations have to agree on every hash.

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/)
  .transform(BigInt);
const place = { chain: z.string(), sequence: count, hash };

export const eventSchema = z.looseObject({
  eventTime: z.string(),
  eventName: z.string(),
  requestID: z.string(),
  userIdentity: z.looseObject({ principalId: z.string() }),
  requestParameters: z.record(z.string(), z.unknown()).nullable(),
  errorCode: z.string().optional(),
  resources: z.array(z.looseObject({ id: z.string() })),
  additionalEventData: z.record(z.string(), z.unknown()),
});
const eventLineSchema = z.strictObject({ ...place, previousHash: hash, event: eventSchema });
const checkpointLineSchema = z.strictObject({
  checkpoint: z.strictObject({
    number: count,
    time: z.string(),
    previousHash: hash,
    key: hash,
    heads: z.array(z.strictObject(place)),
  }),
  signature: z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text),
});

export type ExportedEvent = z.output<typeof eventSchema>;
export type Place = { readonly chain: string; readonly sequence: bigint; readonly hash: string };

export interface EventLine extends Place {
  readonly kind: 'event';
  readonly previousHash: string;
  /** The hash of its content, which is to be `hash`. */
  readonly rehash: string;
  readonly event: ExportedEvent;
}

export interface CheckpointLine {
  readonly kind: 'checkpoint';
  readonly number: bigint;
  readonly previousHash: string;
  /** Fingerprint of the key that is to have signed it. */
  readonly key: string;
  readonly heads: readonly Place[];
  readonly signature: string;
  /** The bytes that are signed. */
  readonly signed: string;
  /** Of those bytes; the next checkpoint names it. */
  readonly hash: string;
}

export interface UnreadableLine {
  readonly kind: 'unreadable';
  readonly problem: string;
}

/** Reads a line of an exported log strictly: no other members, none twice. */
export function readLine(text: string): EventLine | CheckpointLine | UnreadableLine {
  const json = parse(text);
  if (json === undefined) return { kind: 'unreadable', problem: 'not JSON' };
  if (!isSpelledOnce(text, json)) return { kind: 'unreadable', problem: 'not JSON as a signer writes it' };
  const event = eventLineSchema.safeParse(json);
  if (event.success) {
    const { hash: _, ...content } = Object(json);
    return { kind: 'event', ...event.data, rehash: sha256(canonical(content)) };
  }
  const checkpoint = checkpointLineSchema.safeParse(json);
  if (!checkpoint.success) return { kind: 'unreadable', problem: 'neither an event nor a checkpoint' };
  const signed = `countersign audit checkpoint v1\n${canonical(Object(json).checkpoint)}`;
  const { checkpoint: statement, signature } = checkpoint.data;
  return { kind: 'checkpoint', ...statement, signature, signed, hash: sha256(signed) };
}

/** The event of a line, as it stands there: nothing is checked. */
export function readEvent(text: string): ExportedEvent | undefined {
  const parsed = z.object({ event: eventSchema }).safeParse(parse(text));
  return parsed.success ? parsed.data.event : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * JSON.parse takes the last of two members with one name, other readers the first. A signer writes no member twice and no number
 * with an exponent; then the text is as long as its value written anew, but for spaces.
 */
function isSpelledOnce(text: string, json: unknown): boolean {
  const texts = text.match(TEXT) ?? [];
  const rest = text.replaceAll(TEXT, '').replaceAll(' ', '');
  const length = texts.reduce((sum, { length }) => sum + length, rest.length);
  return !/[eE][-+0-9]/.test(rest) && length === JSON.stringify(json).length;
}

const TEXT = /"(?:[^"\\]|\\.)*"/g;

function canonical(value: unknown): string {
  return canonicalize(value) ?? '';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
