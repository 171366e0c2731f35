import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { xdr } from '@stellar/stellar-sdk/base';
import { checkRange, copyTransaction, sameBytes } from '../check.ts';
import { TransactionError } from '../error.ts';
import { MAX_UINT32 } from '../limits.ts';
import { writeAccount } from './sc-address.ts';
import { type TokenTransfer, writeTransfer } from './token.ts';

// A transfer's entry takes 224 bytes, 172 more when signed.
const MAX_ENTRY = 4 * 1024;

/** What an entry authorizes: one transfer from `account`, once (its nonce), until a ledger (int64; uint32, at least 1). */
export interface AuthorizedTransfer {
  /** What a signature is made over: 32 bytes. */
  readonly hash: Uint8Array;
  /** `G…` */
  readonly account: string;
  readonly nonce: bigint;
  readonly expirationLedger: bigint;
  readonly transfer: TokenTransfer;
}

/** Reads a SorobanAuthorizationEntry in its one canonical encoding. */
export function readEntry(entry: Uint8Array): xdr.SorobanAuthorizationEntry {
  const bytes = copyTransaction(entry, MAX_ENTRY, 'authorization');
  const parsed = parse(bytes);
  if (!sameBytes(parsed.toXdr(), bytes)) {
    throw new TransactionError('NOT_CANONICAL', 'authorization', 'encoding it again gives other bytes');
  }
  return parsed;
}

/**
 * The credentials of an entry: those of an address (the first version, valid since protocol 20). Those of the transaction's
 * source account would authorize with the channel's own signature, and the later kinds sign something else.
 */
export function addressCredentials(field: string, entry: xdr.SorobanAuthorizationEntry): xdr.SorobanAddressCredentials {
  const { credentials } = entry;
  if (credentials.type === 'sorobanCredentialsAddress') return credentials.address;
  const message = `expected those of an address, got ${credentials.type}`;
  throw new TransactionError('UNSUPPORTED_CREDENTIALS', `${field}.credentials`, message);
}

/** What an entry says, beside its signature: exactly one transfer from the account that authorizes, and nothing under it. */
export function writeAuthorization(
  field: string,
  networkPassphrase: string,
  entry: xdr.SorobanAuthorizationEntry,
): AuthorizedTransfer {
  const credentials = addressCredentials(field, entry);
  const account = writeAccount(`${field}.credentials.address`, credentials.address);
  const expirationLedger = checkRange(
    'INVALID_LEDGER',
    `${field}.credentials.expirationLedger`,
    BigInt(credentials.signatureExpirationLedger),
    1n,
    MAX_UINT32,
  );
  const transfer = writeTransfer(`${field}.invocation`, account, authorizedCall(field, entry.rootInvocation));
  const hash = authorizationHash(networkPassphrase, credentials, entry.rootInvocation);
  return { hash, account, nonce: credentials.nonce, expirationLedger, transfer };
}

/** The call that an entry authorizes, with no call under it. */
export function authorizedCall(field: string, invocation: xdr.SorobanAuthorizedInvocation): xdr.InvokeContractArgs {
  const { function: authorized, subInvocations } = invocation;
  if (subInvocations.length > 0) {
    const message = `expected none, got ${subInvocations.length}`;
    throw new TransactionError('SUB_INVOCATIONS', `${field}.invocation.subInvocations`, message);
  }
  if (authorized.type === 'sorobanAuthorizedFunctionTypeContractFn') return authorized.contractFn;
  const message = `expected the call of a contract, got ${authorized.type}`;
  throw new TransactionError('UNSUPPORTED_INVOCATION', `${field}.invocation`, message);
}

/** SHA-256 over HashIDPreimage of ENVELOPE_TYPE_SOROBAN_AUTHORIZATION (CAP-46-11): network id, nonce, last ledger, invocation. */
export function authorizationHash(
  networkPassphrase: string,
  { nonce, signatureExpirationLedger }: Pick<xdr.SorobanAddressCredentials, 'nonce' | 'signatureExpirationLedger'>,
  invocation: xdr.SorobanAuthorizedInvocation,
): Uint8Array {
  const networkId = sha256(utf8ToBytes(networkPassphrase));
  const preimage = new xdr.HashIdPreimageSorobanAuthorization({
    networkId,
    nonce,
    signatureExpirationLedger,
    invocation,
  });
  return sha256(xdr.HashIdPreimage.envelopeTypeSorobanAuthorization(preimage).toXdr());
}

function parse(bytes: Uint8Array): xdr.SorobanAuthorizationEntry {
  try {
    return xdr.SorobanAuthorizationEntry.fromXdr(bytes);
  } catch (cause) {
    const message = 'not the XDR of an authorization entry';
    throw new TransactionError('MALFORMED_TRANSACTION', 'authorization', message, { cause });
  }
}
