import { parseAssetId } from '@countersign/chains/caip';
import { parseDestination } from '@countersign/chains/destination';
import { TransactionError } from '@countersign/chains/error';
import { evmAddress } from '@countersign/chains/evm/address';
import { decodeEvmTransaction } from '@countersign/chains/evm/decode';
import { ID, ID_IN_WORDS } from '@countersign/chains/id';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import { decodeAuthorization, decodeStellarTransaction } from '@countersign/chains/stellar/decode';
import { MAX_PAYMENTS } from '@countersign/chains/stellar/lane';
import type { StellarMemo } from '@countersign/chains/transfer';
import { CountersignError } from '@countersign/contract/errors';
import {
  type Memo,
  type Payout,
  type SignTransactionRequest,
  Purpose as WirePurpose,
} from '@countersign/contract/signer';
import type { RegisteredKey } from '@countersign/custody/registry';
import type { Purpose } from '@countersign/policy/schema';
import type { Approval, PayoutWithApprovals, Proposal, ProposedKey } from './proposal.ts';

const UNITS = /^[1-9][0-9]{0,77}$/;
const MAX_MEMO_BYTES = 28;
const MAX_APPROVALS = 16;
const NONCE_END = 2n ** 64n - 1n; // EIP-2681: a transaction's nonce is below it

/**
 * Stage 2. Decodes the request and the transaction in it, strictly: one encoding, nothing trailing, nothing unknown.
 *
 * @throws CountersignError INVALID_REQUEST (a field of the request), KEY_NOT_FOUND, TRANSACTION_MALFORMED (its bytes).
 */
export function decode(keys: ReadonlyMap<string, RegisteredKey>, request: SignTransactionRequest): Proposal {
  const requestId = checkId('request_id', request.requestId);
  const registered = keys.get(checkId('key_id', request.keyId));
  if (registered === undefined) throw new CountersignError('KEY_NOT_FOUND', `key_id: no key ${request.keyId}`);
  const asked = { requestId, purpose: purposeOf(request.purpose), payouts: declaredPayouts(request.payouts) };

  switch (request.transaction.case) {
    case 'stellar': {
      const { networkPassphrase, envelopeXdr: unsigned } = request.transaction.value;
      const key = stellarKey(registered);
      const transaction = decoded(() => decodeStellarTransaction(networkPassphrase, unsigned));
      return { kind: 'stellar', ...asked, key, unsigned, transaction, networkPassphrase };
    }
    case 'stellarAuthorization': {
      const { networkPassphrase, entryXdr: unsigned } = request.transaction.value;
      const key = stellarKey(registered);
      const transaction = decoded(() => decodeAuthorization(networkPassphrase, unsigned));
      return { kind: 'stellar', ...asked, key, unsigned, transaction, networkPassphrase };
    }
    case 'evm': {
      const { unsignedTransaction: unsigned, lowestOpenNonce } = request.transaction.value;
      const key = { ...demandAlgorithm(registered, 'secp256k1'), address: evmAddress(registered.publicKey) };
      const transaction = decoded(() => decodeEvmTransaction(unsigned));
      if (lowestOpenNonce >= NONCE_END) throw invalid('evm.lowest_open_nonce', 'a nonce below 2^64-1', 'more');
      return { kind: 'evm', ...asked, key, unsigned, transaction, lowestOpenNonce };
    }
    case undefined:
      throw invalid('transaction', 'one of `stellar`, `stellar_authorization` and `evm`', 'nothing');
    default:
      return request.transaction satisfies never;
  }
}

function stellarKey(registered: RegisteredKey): ProposedKey {
  return { ...demandAlgorithm(registered, 'ed25519'), address: stellarAddress(registered.publicKey) };
}

function demandAlgorithm(key: RegisteredKey, algorithm: RegisteredKey['algorithm']): RegisteredKey {
  if (key.algorithm !== algorithm) throw invalid('key_id', `a key of ${algorithm} for this transaction`, key.algorithm);
  return key;
}

function declaredPayouts(payouts: readonly Payout[]): PayoutWithApprovals[] {
  if (payouts.length > MAX_PAYMENTS) throw invalid('payouts', `at most ${MAX_PAYMENTS}`, String(payouts.length));
  const seen = new Set<string>();
  return payouts.map((payout, i) => {
    const payoutId = checkId(`payouts[${i}].payout_id`, payout.payoutId);
    if (seen.has(payoutId)) throw invalid(`payouts[${i}].payout_id`, 'an id only once', payoutId);
    seen.add(payoutId);
    return declaredPayout(payoutId, payout, `payouts[${i}]`);
  });
}

function declaredPayout(payoutId: string, payout: Payout, at: string): PayoutWithApprovals {
  const asset = read(`${at}.asset`, () => parseAssetId(payout.asset));
  const destination = read(`${at}.destination`, () => parseDestination(asset.chain, payout.destination));
  if (!UNITS.test(payout.amount)) throw invalid(`${at}.amount`, 'a positive decimal integer', 'something else');
  const approvals = readApprovals(payout, at);
  const terms = { payoutId, destination, asset: asset.id, amount: BigInt(payout.amount), approvals };
  return payout.memo === undefined ? terms : { ...terms, memo: memoOf(payout.memo, `${at}.memo`) };
}

function readApprovals({ approvals }: Payout, at: string): Approval[] {
  if (approvals.length > MAX_APPROVALS) {
    throw invalid(`${at}.approvals`, `at most ${MAX_APPROVALS}`, String(approvals.length));
  }
  return approvals.map(({ expiresAt, signature }, i) => {
    if (expiresAt <= 0n) throw invalid(`${at}.approvals[${i}].expires_at`, 'Unix seconds above 0', String(expiresAt));
    return { expiresAt, signature };
  });
}

function memoOf({ kind }: Memo, at: string): StellarMemo {
  switch (kind.case) {
    case 'text':
      return { type: 'text', value: checkedMemoText(kind.value, at) };
    case 'id':
      return { type: 'id', value: kind.value };
    case 'hash':
    case 'returnHash':
      if (kind.value.length !== 32) throw invalid(at, '32 bytes', String(kind.value.length));
      return { type: kind.case === 'hash' ? 'hash' : 'return', value: kind.value };
    case undefined:
      throw invalid(at, 'a kind of memo', 'nothing');
    default:
      return kind satisfies never;
  }
}

/** As the protocol has it: at most 28 bytes. A NUL is refused because no text column of the database holds one. */
function checkedMemoText(text: string, at: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MEMO_BYTES || text.includes('\0')) {
    throw invalid(at, `at most ${MAX_MEMO_BYTES} bytes of UTF-8 without NUL`, `${bytes} bytes`);
  }
  return text;
}

function purposeOf(purpose: WirePurpose): Purpose {
  switch (purpose) {
    case WirePurpose.PAYOUT:
      return 'payout';
    case WirePurpose.CANCEL:
      return 'cancel';
    default:
      throw invalid('purpose', 'PURPOSE_PAYOUT or PURPOSE_CANCEL', String(purpose));
  }
}

function checkId(field: string, value: string): string {
  if (!ID.test(value)) throw invalid(field, ID_IN_WORDS, `${value.length} characters`);
  return value;
}

function invalid(field: string, expected: string, got: string): CountersignError {
  const message = `${field}: expected ${expected}, got ${got}`;
  return new CountersignError('INVALID_REQUEST', message, { reasons: [{ code: 'FIELD_INVALID', field, message }] });
}

function read<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    const reasons = [{ code: error.code, field, message: error.message }];
    throw new CountersignError('INVALID_REQUEST', `${field}: ${error.message}`, { reasons, cause: error });
  }
}

function decoded<T>(decodeBytes: () => T): T {
  try {
    return decodeBytes();
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    const reasons = [{ code: error.code, field: error.field, message: error.message }];
    throw new CountersignError('TRANSACTION_MALFORMED', error.message, { reasons, cause: error });
  }
}
