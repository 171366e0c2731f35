import { createHash, createPublicKey, verify } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { memoJson, rustDecode, rustEncode } from '@countersign/chains/testing/stellar';
import { type Payout, Purpose, type SignTransactionRequest } from '@countersign/contract/signer';
import { assetsOf } from '@countersign/dev/assets';
import { Asset } from '@stellar/stellar-sdk/base';
import { decodeFunctionData, erc20Abi } from 'viem';
import { z } from 'zod';
import { PASSPHRASE } from '../../harness/requests.ts';
import { approvalBy } from '../approvals.ts';
import { readByViem } from '../read-by-viem.ts';
import { memoOf } from '../requests.ts';
import { demand } from '../target.ts';
import { APPROVAL_ABOVE, KEYS, NOW, RECIPIENTS } from '../world.ts';

const ASSETS = assetsOf(KEYS);
const USDC = new Asset('USDC', KEYS.issuer.publicKey());
const TREASURY = KEYS.stellar.address;
const CHANNELS = KEYS.channels.map((channel) => channel.publicKey());
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
// Units of each asset, at most; lanes are 1,024 numbers wide.
const MOST: Readonly<Record<string, bigint>> = {
  [ASSETS.xlm]: 1_000n * 10n ** 7n,
  [ASSETS.stellarUsdc]: 1_000n * 10n ** 7n,
  [ASSETS.eth]: 10n * 10n ** 18n,
  [ASSETS.evmUsdc]: 1_000n * 10n ** 6n,
};

interface Paid {
  readonly destination: string;
  readonly asset: string;
  readonly amount: bigint;
  readonly memo: unknown;
}

/**
 * What a request that passed must be, by the words of its transaction as other libraries read it (Rust's XDR, viem), the
 * literal rules of the dev stack's policy, and nothing of ours that decodes, matches or decides.
 */
export function mayBeSigned(request: SignTransactionRequest): void {
  const { transaction, payouts } = request;
  const paid =
    transaction.case === 'evm'
      ? paidOnEvm(transaction.value.unsignedTransaction, request.purpose)
      : transaction.case === 'stellar'
        ? paidByEnvelope(transaction.value.networkPassphrase, transaction.value.envelopeXdr, payouts)
        : paidByEntry(
            transaction.value?.networkPassphrase,
            rustDecode(transaction.value?.entryXdr ?? new Uint8Array(), 'SorobanAuthorizationEntry'),
            payouts,
            true,
          );
  demand(
    isDeepStrictEqual(sorted(paid), sorted(payouts.map(asDeclared))),
    `pays ${text(paid)}, declared ${text(payouts.map(asDeclared))}`,
  );
  demand(new Set(payouts.map(({ payoutId }) => payoutId)).size === payouts.length, 'a payout id twice');
  for (const { destination, asset, amount, memo } of paid) {
    demand(amount > 0n && amount <= (MOST[asset] ?? 0n), `pays ${amount} of ${asset}`);
    if (isListed(destination, memo) && (!isStellar(asset) || amount <= APPROVAL_ABOVE)) continue;
    const same = payouts.filter((payout) =>
      isDeepStrictEqual(asDeclared(payout), { destination, asset, amount, memo }),
    );
    demand(isStellar(asset) && same.every(isApproved), `pays ${amount} of ${asset} to ${destination} without approval`);
  }
}

const isStellar = (asset: string): boolean => asset.startsWith('stellar:');

function isListed(destination: string, memo: unknown): boolean {
  const [withMemos, ...others] = [...RECIPIENTS.stellar, ...RECIPIENTS.contracts, ...RECIPIENTS.evm.map(lower)];
  return destination === withMemos || (memo === 'none' && others.includes(destination));
}

/** Whether the approver signed for exactly this payout, until a time within the next hour. */
function isApproved(payout: Payout): boolean {
  return payout.approvals.some(({ expiresAt, signature }) => {
    const terms = { ...payout, keyId: 'treasury-stellar', memo: memoOf(payout), expiresAt };
    const valid = [approvalBy(terms, 'sha512'), approvalBy(terms, 'sha256')];
    const inTime = expiresAt > NOW && expiresAt <= NOW + 3_600;
    return inTime && valid.some((bytes) => Buffer.compare(bytes, signature) === 0);
  });
}

const operation = z.object({ source_account: z.string().nullable(), body: z.record(z.string(), z.unknown()) });
const envelope = z.strictObject({
  tx: z.strictObject({
    tx: z.object({
      source_account: z.enum(CHANNELS),
      fee: z.int(),
      seq_num: z.string(),
      cond: z.strictObject({ time: z.strictObject({ min_time: z.string(), max_time: z.string() }) }),
      memo: z.unknown(),
      operations: z.array(operation).min(1),
      ext: z.unknown(),
    }),
    signatures: z.array(z.never()),
  }),
});
const payment = z.strictObject({
  payment: z.strictObject({ destination: z.string(), asset: z.unknown(), amount: z.string() }),
});
const creation = z.strictObject({
  create_account: z.strictObject({ destination: z.string(), starting_balance: z.string() }),
});
const call = z.strictObject({
  contract_address: z.literal(USDC.contractId(PASSPHRASE)).or(z.literal(Asset.native().contractId(PASSPHRASE))),
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
const entry = z.strictObject({
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
const invoke = z.strictObject({
  invoke_host_function: z.strictObject({
    host_function: z.strictObject({ invoke_contract: call }),
    auth: z.tuple([z.unknown()]),
  }),
});

function paidByEnvelope(passphrase: string, bytes: Uint8Array, payouts: readonly Payout[]): Paid[] {
  demand(passphrase === PASSPHRASE, `another network: ${passphrase}`);
  const { tx } = envelope.parse(rustDecode(bytes)).tx;
  const life = Number(tx.cond.time.max_time) - NOW;
  demand(life > 0 && life <= 300 && Number(tx.cond.time.min_time) <= NOW, 'valid too long, or later');
  const [only] = tx.operations;
  if (only !== undefined && 'invoke_host_function' in only.body) {
    demand(
      tx.operations.length === 1 && only.source_account === null && tx.memo === 'none',
      'more than one invocation',
    );
    const { host_function, auth } = invoke.parse(only.body).invoke_host_function;
    demand(tx.fee <= 6_000_000, `a fee of ${tx.fee}`);
    const paid = paidByEntry(passphrase, auth[0], payouts, false);
    demand(
      isDeepStrictEqual(host_function.invoke_contract, entry.parse(auth[0]).root_invocation.function.contract_fn),
      'calls something else',
    );
    return paid;
  }
  const closing = tx.operations.at(-1);
  const end = (BigInt(tx.seq_num) + 1023n) / 1024n;
  demand([null, tx.source_account].includes(closing?.source_account ?? null), 'another account closes the lane');
  demand(isDeepStrictEqual(closing?.body, { bump_sequence: { bump_to: `${end * 1024n}` } }), 'the lane is not closed');
  demand(tx.fee <= 1_000_000 && tx.ext === 'v0', `a fee of ${tx.fee}`);
  return tx.operations.slice(0, -1).map(({ source_account: source, body }) => {
    demand(source === TREASURY, `${source} pays`);
    if ('create_account' in body) {
      const { destination, starting_balance } = creation.parse(body).create_account;
      return { destination, asset: ASSETS.xlm, amount: BigInt(starting_balance), memo: tx.memo };
    }
    const { destination, asset, amount } = payment.parse(body).payment;
    return { destination, asset: assetOf(asset), amount: BigInt(amount), memo: tx.memo };
  });
}

/** One payout, by an entry that is unsigned or signed by the treasury, with the nonce that follows from its id. */
function paidByEntry(
  passphrase: string | undefined,
  json: unknown,
  payouts: readonly Payout[],
  unsigned: boolean,
): Paid[] {
  demand(passphrase === PASSPHRASE, `another network: ${passphrase}`);
  const { credentials, root_invocation: invocation } = entry.parse(json);
  const { nonce, signature_expiration_ledger: last, signature } = credentials.address;
  const derived = createHash('sha256')
    .update(`countersign/soroban-nonce/v1\0${payouts[0]?.payoutId}`)
    .digest()
    .readBigInt64BE();
  demand(nonce === `${derived}`, `a nonce of ${nonce}, not ${derived}`);
  demand(last <= 1_000, `an authorization until ledger ${last}`);
  if (unsigned) demand(signature === 'void', 'signed already');
  else demand(isSignedByTreasury({ nonce, last, invocation }, signature), 'not signed by the treasury');
  const { contract_address, args } = invocation.function.contract_fn;
  const asset = contract_address === USDC.contractId(PASSPHRASE) ? ASSETS.stellarUsdc : ASSETS.xlm;
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

function paidOnEvm(unsigned: Uint8Array, purpose: Purpose): Paid[] {
  const { chainId, to, value = 0n, data, gas = 0n, maxFeePerGas = 0n, accessList } = readByViem(unsigned);
  demand(chainId === 31_337n && (accessList ?? []).length === 0, `on ${chainId}`);
  demand(gas <= 100_000n && maxFeePerGas <= 500_000_000_000n, `gas ${gas} at ${maxFeePerGas}`);
  if (purpose === Purpose.CANCEL) {
    demand(
      lower(to ?? '') === lower(KEYS.evm.address) && value === 0n && data === undefined,
      'a cancel that does more',
    );
    return [];
  }
  if (data === undefined) return [{ destination: lower(to ?? ''), asset: ASSETS.eth, amount: value, memo: 'none' }];
  const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data });
  demand(functionName === 'transfer' && value === 0n && data.length === 2 + 2 * 68, `calls ${functionName}`);
  const [destination, amount] = z.tuple([z.string(), z.bigint()]).parse(args);
  const asset = canonical(`eip155:31337/erc20:${to}`);
  return [{ destination: lower(destination), asset, amount, memo: 'none' }];
}

function asDeclared({ destination, asset, amount, memo }: Payout): Paid {
  const evm = asset.startsWith('eip155:');
  return {
    destination: evm ? lower(destination) : destination,
    asset: evm ? canonical(asset) : asset,
    amount: BigInt(amount),
    memo: declaredMemo(memo),
  };
}

/** An EVM asset as the policy writes it, whatever the case of its address. */
function canonical(asset: string): string {
  return Object.values(ASSETS).find((each) => lower(each) === lower(asset)) ?? asset;
}

function declaredMemo(memo: Payout['memo']): unknown {
  switch (memo?.kind.case) {
    case undefined:
      return 'none';
    case 'text':
      return memoJson({ type: 'text', value: memo.kind.value });
    case 'id':
      return memoJson({ type: 'id', value: memo.kind.value });
    case 'hash':
      return memoJson({ type: 'hash', value: memo.kind.value });
    case 'returnHash':
      return memoJson({ type: 'return', value: memo.kind.value });
  }
}

function assetOf(asset: unknown): string {
  if (asset === 'native') return ASSETS.xlm;
  const usdc = { credit_alphanum4: { asset_code: 'USDC', issuer: KEYS.issuer.publicKey() } };
  return isDeepStrictEqual(asset, usdc) ? ASSETS.stellarUsdc : JSON.stringify(asset);
}

const lower = (address: string): string => address.toLowerCase();
const text = (paid: readonly Paid[]): string =>
  paid.map((each) => Object.values(each).map(String).join(' ')).join('; ');
const sorted = (paid: readonly Paid[]): Paid[] =>
  paid.toSorted((a, b) => (text([a]) + JSON.stringify(a.memo) < text([b]) + JSON.stringify(b.memo) ? -1 : 1));
