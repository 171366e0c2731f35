import { demoOrders } from './demo.ts';
import type { Stack } from './stack.ts';

type Guided = Pick<Stack, 'urls' | 'apiKey' | 'keys' | 'recipients' | 'dir' | 'audit' | 'environmentOf'>;

/** What an operator's commands take from the environment of the signer. */
const FOR_OPERATORS = [
  'COUNTERSIGN_MODE',
  'KEYS_FILE',
  'POLICY_FILE',
  'FLAGS_FILE',
  'DATABASE_URL',
  'AWS_REGION',
  'AWS_ENDPOINT_URL_KMS',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
] as const;

/** What a person sees once the stack is up: where everything is, and commands to paste. */
export function guide(stack: Guided): string {
  const { urls, apiKey, audit } = stack;
  const [first] = demoOrders(stack);
  const order = JSON.stringify(first);
  const signer = stack.environmentOf('signer');
  const exports = FOR_OPERATORS.map((name) => `export ${name}='${signer[name] ?? ''}'`).join('\n');
  return `
Countersign is up.

  API              ${urls.api}
  Documentation    ${urls.docs}
  OpenAPI          ${urls.openapi}
  API metrics      ${urls.apiMetrics}
  Signer metrics   ${urls.signerMetrics}
  Stellar RPC      ${urls.stellar}
  EVM RPC (anvil)  ${urls.anvil}
  KMS              ${urls.kms}
  Logs             ${stack.dir}/logs

Pay somebody:

curl -sS ${urls.api}/v1/payouts \\
  -H 'Authorization: Bearer ${apiKey}' \\
  -H "Idempotency-Key: $(date +%s%N)" \\
  -H 'Content-Type: application/json' \\
  -d '${order}'

See what became of it:

curl -sS '${urls.api}/v1/payouts?limit=1' -H 'Authorization: Bearer ${apiKey}'

Check what the signer wrote down of it:

npm run -s signerctl -- audit verify ${audit.log} --checkpoint-key ${audit.checkpointPublicKey}

Look at its keys as an operator; the demonstration has left them on kms (docs/runbooks/move-a-key.md):

${exports}
npm run -s signerctl -- keys doctor

Ctrl-C stops everything.
`;
}
