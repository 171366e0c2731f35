import type { Checkpoint } from '@countersign/audit/checkpoint';
import { z } from 'zod';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/)
  .transform(BigInt);

const placeSchema = z.object({ chain: z.string(), sequence: count, hash });
const statementSchema = z.object({
  number: count,
  time: z.iso.datetime(),
  previousHash: hash,
  key: hash,
  heads: z.array(placeSchema),
});
const eventLineSchema = placeSchema.extend({ event: z.looseObject({}) });
const checkpointLineSchema = z.object({ checkpoint: statementSchema, signature: z.string() });

/** What a line of an exported log says, as far as the signer itself asks. */
export type ExportedLine =
  | { readonly kind: 'event'; readonly chain: string; readonly sequence: bigint; readonly hash: string }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint; readonly signature: string };

/** @returns undefined for a line that no sink has written. */
export function readLine(line: string): ExportedLine | undefined {
  const json = parse(line);
  const checkpoint = checkpointLineSchema.safeParse(json);
  if (checkpoint.success) return { kind: 'checkpoint', ...checkpoint.data };
  const event = eventLineSchema.safeParse(json);
  return event.success ? { kind: 'event', ...event.data } : undefined;
}

/** Reads a statement that the database has. */
export function readStatement(statement: string): Checkpoint {
  return statementSchema.parse(JSON.parse(statement));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
