import { policyJsonSchema } from '@countersign/policy/json-schema';
import type { Command } from '../command.ts';

/** Prints the JSON Schema of POLICY_FILE, for editors: docs/policy.schema.json. */
export const policySchemaCommand: Command = {
  name: 'policy schema',
  parameters: '',
  summary: 'print the JSON Schema of POLICY_FILE',
  run: async (_args, io) => {
    io.out(policyJsonSchema());
    return 0;
  },
};
