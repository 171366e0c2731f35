import { policySchema } from '@countersign/policy/schema';
import { z } from 'zod';
import type { Command } from '../command.ts';

/** Prints the JSON Schema of POLICY_FILE, for editors. */
export const policySchemaCommand: Command = {
  name: 'policy schema',
  parameters: '',
  summary: 'print the JSON Schema of POLICY_FILE',
  run: async (_args, io) => {
    io.out(`${JSON.stringify(z.toJSONSchema(policySchema, { io: 'input' }), null, 2)}\n`);
    return 0;
  },
};
