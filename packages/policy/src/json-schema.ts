import { z } from 'zod';
import { policySchema } from './schema.ts';

/**
 * The JSON Schema (2020-12) of the policy file, as text, for editors. What it refuses does not load; beyond that the loader looks
 * into addresses, amounts and keys, and at what one word demands of another.
 */
export function policyJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(policySchema, { io: 'input', reused: 'inline' }), null, 2)}\n`;
}
