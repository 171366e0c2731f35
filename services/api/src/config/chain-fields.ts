import { ID, ID_IN_WORDS } from '@countersign/chains/id';
import { z } from 'zod';

/** Key id, as the signer knows it. */
export const keyId = z
  .string()
  .regex(ID, `expected ${ID_IN_WORDS}`)
  .describe('key id, as the signer’s KEYS_FILE has it; once a chain');

/** Quoted, so that YAML's floating-point numbers never hold money. */
export const integer = z
  .string({ error: 'expected a quoted decimal integer' })
  .regex(/^[1-9][0-9]{0,29}$/, 'expected a positive decimal integer of at most 30 digits')
  .transform((text) => BigInt(text));

export const rpcUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: 'expected an http or https URL',
  })
  .describe('the node’s JSON-RPC, an http or https URL');
