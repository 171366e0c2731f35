import { chainsSchema } from '@countersign/api/chains-schema';
import { envSchema as apiEnvSchema } from '@countersign/api/env';
import { evmChain } from '@countersign/api/evm-chain-schema';
import { stellarChain } from '@countersign/api/stellar-chain-schema';
import { flagsSchema } from '@countersign/custody/flag';
import { keysSchema } from '@countersign/custody/registry';
import { policySchema } from '@countersign/policy/schema';
import { envSchema as signerEnvSchema } from '@countersign/signer/env';
import type { Section } from './page.ts';

/** What docs/configuration.md is made of. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Variables of the signer',
    text: `Beside these the signer reads the seeds that KEYS_FILE names by their variables (each must be gone once its key signs by \`kms\`), and what the
AWS SDK looks for to find credentials: \`AWS_ACCESS_KEY_ID\`, \`AWS_SECRET_ACCESS_KEY\` and \`AWS_SESSION_TOKEN\`, or a role.`,
    schema: signerEnvSchema,
  },
  {
    title: 'KEYS_FILE',
    text: 'The keys of the signer. Each custody of each key is opened at the start; one that is missing, or holds another key, stops it.',
    schema: keysSchema,
  },
  {
    title: 'FLAGS_FILE',
    text: 'Which custody each key signs by. It is watched: a change is in force without a restart, and leaves an audit event.',
    schema: flagsSchema,
  },
  {
    title: 'POLICY_FILE',
    text: 'What the signer signs, key by key. What is not allowed here is refused, whoever asks.',
    schema: policySchema,
  },
  {
    title: 'Variables of the API',
    text: 'The API holds no key, and reads none.',
    schema: apiEnvSchema,
  },
  {
    title: 'CHAINS_FILE',
    text: 'The networks that the API pays on. What an entry of `chains` holds depends on its namespace.',
    schema: chainsSchema,
    told: ['chains'],
  },
  {
    title: 'CHAINS_FILE: a Stellar network',
    text: 'An entry of `chains` whose `chain` begins with `stellar:`.',
    schema: stellarChain,
  },
  {
    title: 'CHAINS_FILE: an EVM chain',
    text: 'An entry of `chains` whose `chain` begins with `eip155:`.',
    schema: evmChain,
  },
];
