import { sign } from 'node:crypto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { parseAssetId } from '@countersign/chains/caip';
import { buildEvmTransfer } from '@countersign/chains/evm/build';
import { attachAuthorizationSignature } from '@countersign/chains/stellar/attach';
import { buildAuthorization, buildInvocation, buildStellarPayout } from '@countersign/chains/stellar/build';
import { assetContract } from '@countersign/chains/stellar/contract';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import type { StellarMemo } from '@countersign/chains/transfer';
import {
  ApprovalSchema,
  Purpose,
  SignTransactionRequestSchema,
  type Payout as WirePayout,
} from '@countersign/contract/signer';
import { assetsOf } from '@countersign/dev/assets';
import { PASSPHRASE } from '../harness/requests.ts';
import { sorobanData } from '../harness/soroban-data.ts';
import { approvalBy } from './approvals.ts';
import type { Random } from './random.ts';
import { APPROVAL_ABOVE, KEYS, NOW, PAYER, RECIPIENTS, STRANGER } from './world.ts';

type Request = MessageInitShape<typeof SignTransactionRequestSchema>;
type Payout = { payoutId: string; destination: string; asset: string; amount: string };

const ASSETS = assetsOf(KEYS);
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A request that the policy allows, of any kind that there is. */
export function validRequest(random: Random): Uint8Array {
  const make = random.pick([stellar, stellar, authorization, invocation, evm, evm, cancel]);
  const request = create(SignTransactionRequestSchema, make(random));
  if (request.keyId === 'treasury-stellar') for (const payout of request.payouts) approve(random, payout);
  return toBinary(SignTransactionRequestSchema, request);
}

/** Approves what has to be, and now and then what need not. */
function approve(random: Random, payout: WirePayout): void {
  const needed = BigInt(payout.amount) > APPROVAL_ABOVE || payout.destination === STRANGER;
  if (!needed && !random.once(6)) return;
  const expiresAt = BigInt(NOW + 1 + random.below(3_600));
  const terms = { ...payout, ...PAYER, memo: memoOf(payout), expiresAt };
  const signature = approvalBy(terms, random.pick(['sha512', 'sha256']));
  payout.approvals.push(create(ApprovalSchema, { expiresAt, signature }));
}

/** A declared memo as approvals have it: `type:value`, bytes in hex. */
export function memoOf({ memo }: WirePayout): string | undefined {
  switch (memo?.kind.case) {
    case undefined:
      return undefined;
    case 'text':
    case 'id':
      return `${memo.kind.case}:${memo.kind.value}`;
    case 'hash':
      return `hash:${Buffer.from(memo.kind.value).toString('hex')}`;
    case 'returnHash':
      return `return:${Buffer.from(memo.kind.value).toString('hex')}`;
  }
}

function stellar(random: Random): Request {
  const memo = random.pick<StellarMemo | undefined>([
    undefined,
    { type: 'text', value: 'invoice 7' },
    { type: 'id', value: 7n },
    { type: 'hash', value: new Uint8Array(32).fill(7) },
    { type: 'return', value: new Uint8Array(32).fill(7) },
  ]);
  const terms = Array.from({ length: 1 + random.below(random.once(20) ? 99 : 4) }, (_, i) => ({
    payoutId: `po_${random.below(1000)}_${i}`,
    // The policy lists the first account alone with memos.
    destination: random.pick([...RECIPIENTS.stellar.slice(0, memo === undefined ? 3 : 1), STRANGER]),
    asset: random.pick([ASSETS.xlm, ASSETS.stellarUsdc]),
    amount: BigInt(1 + random.below(1_000_000)),
  }));
  const { envelope } = buildStellarPayout({
    networkPassphrase: PASSPHRASE,
    channel: channel(random),
    sequence: BigInt(1 + random.below(5_000)),
    treasury: KEYS.stellar.address,
    fee: 10_000n,
    maxTime: BigInt(NOW + 120),
    payments: terms.map(({ asset, ...rest }) => ({
      ...rest,
      asset: parseAssetId(asset).id,
      createAccount: asset === ASSETS.xlm && random.once(4),
    })),
    ...(memo && { memo }),
  });
  return {
    ...asked(random, 'treasury-stellar'),
    payouts: terms.map(({ amount, ...rest }) => ({
      ...rest,
      amount: `${amount}`,
      ...(memo && { memo: wireMemo(memo) }),
    })),
    transaction: { case: 'stellar', value: { networkPassphrase: PASSPHRASE, envelopeXdr: envelope } },
  };
}

function entryFor(random: Random, destinations: readonly string[]) {
  const payout: Payout = {
    payoutId: `po_${random.below(1000)}`,
    destination: random.pick(destinations),
    asset: ASSETS.stellarUsdc,
    amount: `${1 + random.below(1_000_000)}`,
  };
  const { entry, hash } = buildAuthorization({
    networkPassphrase: PASSPHRASE,
    account: KEYS.stellar.address,
    contract: assetContract(PASSPHRASE, parseAssetId(payout.asset).id),
    destination: payout.destination,
    amount: BigInt(payout.amount),
    nonce: authorizationNonce(payout.payoutId),
    expirationLedger: 2 + random.below(800),
  });
  return { payout, entry, hash };
}

function authorization(random: Random): Request {
  const { payout, entry } = entryFor(random, [...RECIPIENTS.contracts, ...RECIPIENTS.stellar]);
  return {
    ...asked(random, 'treasury-stellar'),
    payouts: [payout],
    transaction: { case: 'stellarAuthorization', value: { networkPassphrase: PASSPHRASE, entryXdr: entry } },
  };
}

function invocation(random: Random): Request {
  const { payout, entry, hash } = entryFor(random, RECIPIENTS.contracts);
  const key = { key: Buffer.concat([PKCS8, KEYS.stellar.privateKey]), format: 'der', type: 'pkcs8' } as const;
  const { payoutId: id, destination } = payout;
  const { envelope } = buildInvocation({
    networkPassphrase: PASSPHRASE,
    channel: channel(random),
    sequence: BigInt(1 + random.below(5_000)),
    maxTime: BigInt(NOW + 120),
    fee: 4_500_000n,
    authorization: attachAuthorizationSignature(entry, KEYS.stellar.publicKey, sign(null, hash, key)),
    sorobanData: sorobanData({ keys: KEYS, recipients: RECIPIENTS }, { id, destination }),
  });
  return {
    ...asked(random, 'treasury-stellar'),
    payouts: [payout],
    transaction: { case: 'stellar', value: { networkPassphrase: PASSPHRASE, envelopeXdr: envelope } },
  };
}

function evm(random: Random): Request {
  const asset = random.pick([ASSETS.eth, ASSETS.evmUsdc]);
  const destination = random.pick(RECIPIENTS.evm);
  const amount = BigInt(1 + random.below(1_000_000));
  const token = asset === ASSETS.evmUsdc ? { token: asset.slice(asset.indexOf('0x')) } : {};
  return {
    ...asked(random, 'treasury-evm'),
    payouts: [{ payoutId: `po_${random.below(1000)}`, destination, asset, amount: `${amount}` }],
    transaction: {
      case: 'evm',
      value: { unsignedTransaction: transfer(random, destination, amount, token), lowestOpenNonce: 0n },
    },
  };
}

function cancel(random: Random): Request {
  const unsignedTransaction = transfer(random, KEYS.evm.address, 0n, {});
  return {
    ...asked(random, 'treasury-evm'),
    purpose: Purpose.CANCEL,
    payouts: [],
    transaction: { case: 'evm', value: { unsignedTransaction, lowestOpenNonce: 0n } },
  };
}

function transfer(random: Random, to: string, amount: bigint, token: { token?: string }): Uint8Array {
  return buildEvmTransfer({
    chainId: 31_337n,
    nonce: BigInt(random.below(20)),
    to,
    amount,
    gasLimit: 21_000n + BigInt(random.below(50_000)),
    maxFeePerGas: 100_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    ...token,
  }).unsigned;
}

function asked(random: Random, keyId: string) {
  return { requestId: `at_${random.below(1000)}`, keyId, purpose: Purpose.PAYOUT };
}

function channel(random: Random): string {
  return random.pick(KEYS.channels).publicKey();
}

function wireMemo({ type, value }: StellarMemo) {
  switch (type) {
    case 'text':
      return { kind: { case: 'text' as const, value } };
    case 'id':
      return { kind: { case: 'id' as const, value } };
    case 'hash':
      return { kind: { case: 'hash' as const, value } };
    case 'return':
      return { kind: { case: 'returnHash' as const, value } };
  }
}
