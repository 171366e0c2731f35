import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { sha256 } from './sha256.ts';
import { type DecodedTransaction, type DecodedTransfer, DecodeError, type SignedIntent } from './signed-intent.ts';
import { stellarNetwork } from './stellar-network.ts';
import { decodeXdr, encodeXdr } from './xdr.ts';

/** SEP-41 `transfer(from, to, amount)`, in SEP-51 JSON. */
export const contractCall = z.strictObject({
  contract_address: z.string(),
  function_name: z.literal('transfer'),
  args: z.tuple([
    z.strictObject({ address: z.string() }),
    z.strictObject({ address: z.string() }),
    z.strictObject({ i128: z.string() }),
  ]),
});

const entrySchema = z.strictObject({
  credentials: z.strictObject({
    address: z.strictObject({
      address: z.string(),
      nonce: z.string(),
      signature_expiration_ledger: z.number(),
      signature: z.unknown(),
    }),
  }),
  root_invocation: z.strictObject({
    function: z.strictObject({ contract_fn: contractCall }),
    sub_invocations: z.array(z.never()),
  }),
});

/** An unsigned authorization entry of one transfer. */
export function decodeAuthorization(intent: SignedIntent, bytes: Uint8Array, passphrase: string): DecodedTransaction {
  const json = decodeXdr('SorobanAuthorizationEntry', bytes);
  const { credentials, root_invocation: invocation } = readEntry(json);
  const { nonce, signature_expiration_ledger, signature } = credentials.address;
  if (signature !== 'void') throw new DecodeError('expected an entry without a signature');
  const preimage = {
    soroban_authorization: {
      network_id: sha256(passphrase).toString('hex'),
      nonce,
      signature_expiration_ledger,
      invocation,
    },
  };
  const signingHash = sha256(encodeXdr('HashIdPreimage', preimage)).toString('hex');
  const { lane, transfer } = decodeCall(intent, invocation.function.contract_fn, json, passphrase);
  return { network: stellarNetwork(passphrase), signingHash, lane, transfers: [transfer] };
}

/**
 * A call, and the one entry that authorizes exactly it. Its nonce follows from the payout id: no two entries for one payout
 * can both be used.
 */
export function decodeCall(
  { payouts, account }: SignedIntent,
  call: z.output<typeof contractCall>,
  entry: unknown,
  passphrase: string,
): { lane: string; transfer: DecodedTransfer } {
  const { credentials, root_invocation: invocation } = readEntry(entry);
  const { address, nonce } = credentials.address;
  const [from, to, amount] = call.args;
  const [payout] = payouts;
  if (payout === undefined || payouts.length > 1) throw new DecodeError('expected one payout');
  if (!isDeepStrictEqual(invocation.function.contract_fn, call)) throw new DecodeError('authorized is another call');
  if (address !== account || from.address !== account) throw new DecodeError(`expected to pay from ${account}`);
  const derived = sha256(`countersign/soroban-nonce/v1\0${payout.payoutId}`).readBigInt64BE(0);
  if (nonce !== `${derived}`) throw new DecodeError(`nonce: expected ${derived}, got ${nonce}`);
  const ours = contractBytes(call.contract_address).equals(contractOf(payout.asset, passphrase));
  const asset = ours ? payout.asset : `the asset of ${call.contract_address}`;
  return {
    lane: `${stellarNetwork(passphrase)}:${account}:authorization:${nonce}`,
    transfer: { destination: to.address, asset, amount: amount.i128 },
  };
}

function readEntry(json: unknown): z.output<typeof entrySchema> {
  const parsed = entrySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DecodeError(`an authorization of another shape: ${parsed.error.issues[0]?.message}`);
}

/** The contract that moves an asset: its own, or the one that the network derives from it (CAP-46-6). */
function contractOf(asset: string, passphrase: string): Buffer {
  const [, namespace, reference = ''] = /\/([a-z0-9]+):(.+)$/.exec(asset) ?? [];
  if (namespace === 'sep41') return contractBytes(reference);
  const network_id = sha256(passphrase).toString('hex');
  const preimage = { contract_id: { network_id, contract_id_preimage: { asset: assetJson(namespace, reference) } } };
  return sha256(encodeXdr('HashIdPreimage', preimage));
}

function assetJson(namespace: string | undefined, reference: string): unknown {
  if (namespace === 'slip44') return 'native';
  const [asset_code = '', issuer] = reference.split('-');
  return { [asset_code.length <= 4 ? 'credit_alphanum4' : 'credit_alphanum12']: { asset_code, issuer } };
}

/** The 32 bytes of a `C…` address. */
function contractBytes(address: string): Buffer {
  if (!address.startsWith('C')) throw new DecodeError(`expected a contract, got ${address}`);
  return Buffer.from(encodeXdr('ScAddress', address).subarray(-32));
}
