import { chainsSchema } from '@countersign/api/chains-schema';
import { envSchema as apiEnvSchema } from '@countersign/api/env';
import { evmChain } from '@countersign/api/evm-chain-schema';
import { stellarChain } from '@countersign/api/stellar-chain-schema';
import { flagsSchema } from '@countersign/custody/flag';
import { keysSchema } from '@countersign/custody/keys-config';
import { policySchema } from '@countersign/policy/schema';
import { envSchema as signerEnvSchema } from '@countersign/signer/env';
import type { Section } from './page.ts';

/** What docs/configuration.md is made of. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Variables of the signer',
    text: `Beside these the signer reads the seeds that KEYS_FILE names by their variables (each must be gone once its key signs by \`kms\`), and what
the AWS SDK and the Postgres driver look for by themselves: \`AWS_ACCESS_KEY_ID\`, \`AWS_SECRET_ACCESS_KEY\`, \`AWS_SESSION_TOKEN\`,
\`AWS_SHARED_CREDENTIALS_FILE\` or a role; \`PGPASSFILE\`. \`AWS_ENDPOINT_URL\` is refused in production. Of a seed whose key was moved to \`kms\`
while the signer ran the bytes are overwritten within seconds; the text of the variable stays until the process ends.`,
    schema: signerEnvSchema,
  },
  {
    title: 'KEYS_FILE',
    text: `The keys of the signer. The custody that the flag names is opened at the start, and that of \`kms\` wherever there is one; one that is missing, or holds another key, stops it.
Which words \`custodies.kms\` takes depends on its \`backend\`, which stands in brackets before them.`,
    schema: keysSchema,
  },
  {
    title: 'FLAGS_FILE',
    text: 'Which custody each key signs by. It is watched: a change is in force without a restart, and leaves an audit event.',
    schema: flagsSchema,
  },
  {
    title: 'POLICY_FILE',
    text: `What the signer signs, key by key. What is not allowed here is refused, whoever asks. Editors can hold a file to its
[JSON Schema](policy.schema.json), which \`signerctl policy schema\` prints too.`,
    schema: policySchema,
  },
  {
    title: 'Variables of the API',
    text: 'The API holds no key, and reads none. The Postgres driver looks for `PGPASSFILE` by itself.',
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
