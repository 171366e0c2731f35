import { RpcError } from '../json-rpc.ts';

/**
 * What a node's answer to `eth_sendRawTransaction` means.
 * - `sent`: it has the transaction
 * - `nonce-too-low`: the nonce is used up: look all known hashes up
 * - `nonce-too-high`: an earlier one is missing: send again from the lowest open nonce
 * - `underpriced`: same nonce, higher fee
 * - `insufficient-funds`: the account cannot pay; keep the nonce
 * - `gas`: same nonce, another gas limit
 * - `invalid`: no node will ever take these bytes
 * - `unknown`: nobody knows: send the same bytes again
 */
export type SendVerdict =
  | 'sent'
  | 'nonce-too-low'
  | 'nonce-too-high'
  | 'underpriced'
  | 'insufficient-funds'
  | 'gas'
  | 'invalid'
  | 'unknown';

// Error texts differ by node and by version; the first that matches counts. Recorded ones are in the test.
const TEXTS: readonly (readonly [SendVerdict, RegExp])[] = [
  ['sent', /already (known|imported|exists)|alreadyknown|known transaction|existing tx with same hash/],
  ['nonce-too-low', /nonce too low|nonce is too low|old ?nonce/],
  [
    'nonce-too-high',
    /nonce too high|nonce ?gap|nonce ?too ?far|too distant from current sender nonce|with a lower nonce exists/,
  ],
  ['insufficient-funds', /insufficient ?funds|upfront cost exceeds account balance/],
  ['gas', /intrinsic gas|exceeds block gas limit|gas ?limit ?(is )?(too high|exceeded)|gas required exceeds allowance/],
  [
    'underpriced',
    /underpriced|replacement ?not ?allowed|could not replace existing tx|fee ?too ?low|less than block base fee|below current base fee|below configured minimum/,
  ],
  [
    'invalid',
    /invalid sender|invalid chain ?id|wrong chain ?id|type not supported|unsupported transaction type|invalid signature/,
  ],
];

/** Reads what the call threw; see the table in `TEXTS`. A text that is not known is `unknown`. */
export function readSendError(error: RpcError): SendVerdict {
  if (error.kind === 'unreachable') return 'unknown';
  const text = error.message.toLowerCase();
  return TEXTS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown';
}
