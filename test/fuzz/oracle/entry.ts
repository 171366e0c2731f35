import { createHash, createPublicKey, verify } from 'node:crypto';
import { rustEncode } from '@countersign/chains/testing/stellar';
import { Asset } from '@stellar/stellar-sdk/base';
import { z } from 'zod';
import { PASSPHRASE } from '../../harness/requests.ts';
import { demand } from '../target.ts';
import { KEYS } from '../world.ts';
import { ASSETS, type Paid } from './paid.ts';

const USDC = new Asset('USDC', KEYS.issuer.publicKey()).contractId(PASSPHRASE);
const TREASURY = KEYS.stellar.address;
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A transfer of the treasury's, as Rust's XDR writes its call. */
export const call = z.strictObject({
  contract_address: z.enum([USDC, Asset.native().contractId(PASSPHRASE)]),
  function_name: z.literal('transfer'),
  args: z.tuple([
    z.strictObject({ address: z.literal(TREASURY) }),
    z.strictObject({ address: z.string() }),
    z.strictObject({ i128: z.string() }),
  ]),
});
const signed = z.strictObject({
  vec: z.tuple([
    z.strictObject({
      map: z.tuple([
        z.strictObject({
          key: z.strictObject({ symbol: z.literal('public_key') }),
          val: z.strictObject({ bytes: z.string() }),
        }),
        z.strictObject({
          key: z.strictObject({ symbol: z.literal('signature') }),
          val: z.strictObject({ bytes: z.string() }),
        }),
      ]),
    }),
  ]),
});
/** Its authorization. */
export const entry = z.strictObject({
  credentials: z.strictObject({
    address: z.strictObject({
      address: z.literal(TREASURY),
      nonce: z.string(),
      signature_expiration_ledger: z.int().min(1),
      signature: z.unknown(),
    }),
  }),
  root_invocation: z.strictObject({
    function: z.strictObject({ contract_fn: call }),
    sub_invocations: z.array(z.never()),
  }),
});

/** One payout, by an entry that is unsigned or signed by the treasury, with the nonce that follows from its id. */
export function paidByEntry(json: unknown, payoutId: string | undefined, unsigned: boolean): Paid[] {
  const { credentials, root_invocation: invocation } = entry.parse(json);
  const { nonce, signature_expiration_ledger: last, signature } = credentials.address;
  const derived = createHash('sha256').update(`countersign/soroban-nonce/v1\0${payoutId}`).digest().readBigInt64BE();
  demand(nonce === `${derived}`, `a nonce of ${nonce}, not ${derived}`);
  demand(last <= 1_000, `an authorization until ledger ${last}`);
  if (unsigned) demand(signature === 'void', 'signed already');
  else demand(isSignedByTreasury({ nonce, last, invocation }, signature), 'not signed by the treasury');
  const { contract_address, args } = invocation.function.contract_fn;
  const asset = contract_address === USDC ? ASSETS.stellarUsdc : ASSETS.xlm;
  return [{ destination: args[1].address, asset, amount: BigInt(args[2].i128), memo: 'none' }];
}

function isSignedByTreasury(
  { nonce, last, invocation }: { nonce: string; last: number; invocation: unknown },
  signature: unknown,
): boolean {
  const network_id = createHash('sha256').update(PASSPHRASE).digest('hex');
  const preimage = { soroban_authorization: { network_id, nonce, signature_expiration_ledger: last, invocation } };
  const hash = createHash('sha256').update(rustEncode(preimage, 'HashIdPreimage')).digest();
  const [publicKey, made] = signed.parse(signature).vec[0].map;
  const treasury = Buffer.from(KEYS.stellar.publicKey);
  const key = createPublicKey({ key: Buffer.concat([SPKI, treasury]), format: 'der', type: 'spki' });
  return (
    publicKey.val.bytes === treasury.toString('hex') && verify(null, hash, key, Buffer.from(made.val.bytes, 'hex'))
  );
}
