import { demoOrders } from './demo.ts';
import type { Stack } from './stack.ts';

/** What a person sees once the stack is up: where everything is, and three commands to paste. */
export function guide(stack: Pick<Stack, 'urls' | 'apiKey' | 'keys' | 'recipients' | 'dir' | 'audit'>): string {
  const { urls, apiKey, audit } = stack;
  const [first] = demoOrders(stack);
  const order = JSON.stringify(first);
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

Ctrl-C stops everything.
`;
}
