import { checkBundle } from '@countersign/bundle/check-bundle';
import { readBundle } from '@countersign/bundle/read-bundle';
import type { Command } from '../command.ts';
import { readOptions } from '../options.ts';

/** Prints the statement of a bundle, and nothing else: the text that `ssh-keygen -Y sign -n countersign-policy` is given. */
export const policyBundleCommand: Command = {
  name: 'policy bundle',
  parameters: '--policy FILE --keys FILE',
  summary: 'print the statement that operators sign to put a policy in force',
  run: async (args, io) => {
    io.out(checkBundle(readBundle(readOptions(args, ['policy', 'keys'], [])), new Date()).statement);
    return 0;
  },
};
