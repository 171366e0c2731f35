import { Address as ScAddressText } from '@stellar/stellar-sdk/base';
import {
  HashIdPreimage,
  HashIdPreimageSorobanAuthorization,
  type InvokeContractArgs,
  ScNonceKey,
  ScVal,
  type SorobanAddressCredentials,
  type SorobanAuthorizationEntry,
  type SorobanAuthorizedInvocation,
} from '@stellar/stellar-sdk/xdr';
import type { Address } from '../ledger/address.ts';
import type { ContractDataPlace } from '../ledger/contract-entries.ts';
import { sha256 } from '../ledger/network.ts';
import { errorText, HostError, hostError } from './host-error.ts';
import { latestUntil, temporaryUntil } from './lifetime.ts';
import { INSTRUCTIONS } from './settings.ts';
import { checkAccountSignatures } from './signatures.ts';
import type { Storage } from './storage.ts';
import { address } from './values.ts';

/** Answers a contract's `require_auth`. */
export interface Authorization {
  /** Throws a HostError unless `who` (`G…` or `C…`) has authorized exactly that invocation. */
  require(who: string, invocation: InvokeContractArgs): void;
  /** What answering has cost, in instructions. */
  instructions(): number;
}

export interface AuthorizationContext {
  readonly storage: Storage;
  readonly networkId: Uint8Array;
  readonly ledgerSequence: number;
  /** The operation's source: source account credentials are its. */
  readonly source: Address;
}

/** Authorizations as a transaction brings them; an entry that nothing asks for is no error. */
export function enforcedAuthorization(
  context: AuthorizationContext,
  entries: readonly SorobanAuthorizationEntry[],
): Authorization {
  const left = new Set(entries);
  let instructions = 0;
  return {
    require: (who, invocation) => {
      const entry = [...left].find((each) => authorizer(each, context.source) === who && isFor(each, invocation));
      if (!entry) throw hostError.unauthorized('Unauthorized function call for address', address(who));
      left.delete(entry);
      const credentials = addressCredentials(entry);
      if (!credentials) return;
      instructions +=
        INSTRUCTIONS.addressAuthorization + INSTRUCTIONS.signature * signatureCount(credentials.signature);
      authenticate(context, who, credentials, entry.rootInvocation);
      consumeNonce(context, who, credentials);
    },
    instructions: () => instructions,
  };
}

/** Undefined for credentials of later protocols: nobody's. */
function authorizer({ credentials }: SorobanAuthorizationEntry, source: Address): string | undefined {
  if (credentials.type === 'sorobanCredentialsSourceAccount') return source;
  if (credentials.type !== 'sorobanCredentialsAddress') return undefined;
  return ScAddressText.fromScAddress(credentials.address.address).toString();
}

function addressCredentials({ credentials }: SorobanAuthorizationEntry): SorobanAddressCredentials | undefined {
  return credentials.type === 'sorobanCredentialsAddress' ? credentials.address : undefined;
}

function isFor({ rootInvocation }: SorobanAuthorizationEntry, invocation: InvokeContractArgs): boolean {
  const { function: authorized } = rootInvocation;
  if (authorized.type !== 'sorobanAuthorizedFunctionTypeContractFn') return false;
  return authorized.contractFn.toXdr('base64') === invocation.toXdr('base64');
}

function signatureCount(signature: ScVal): number {
  return signature.type === 'scvVec' ? (signature.vec?.length ?? 0) : 0;
}

function authenticate(
  { storage, networkId }: AuthorizationContext,
  who: string,
  credentials: SorobanAddressCredentials,
  invocation: SorobanAuthorizedInvocation,
): void {
  const account = who.startsWith('G') ? storage.account(who) : undefined;
  if (!account) throw hostError.missingValue('account or contract to authenticate is missing', address(who));
  const payload = authorizationHash(networkId, credentials, invocation);
  try {
    checkAccountSignatures(account, payload, credentials.signature);
  } catch (error) {
    if (!(error instanceof HostError) || error.error.type !== 'sceContract') throw error;
    // The host hides the error's number, lest it be taken for one of the contract that asked.
    const reason = ScVal.scvString(`${errorText(error.error)}: ${error.message}`);
    throw hostError.unauthorized('failed account authentication', address(who), reason);
  }
}

/** What an address signs: SHA-256 of ENVELOPE_TYPE_SOROBAN_AUTHORIZATION (CAP-46-11). */
export function authorizationHash(
  networkId: Uint8Array,
  { nonce, signatureExpirationLedger }: SorobanAddressCredentials,
  invocation: SorobanAuthorizedInvocation,
): Uint8Array {
  const content = { networkId, nonce, signatureExpirationLedger, invocation };
  const preimage = HashIdPreimage.envelopeTypeSorobanAuthorization(new HashIdPreimageSorobanAuthorization(content));
  return sha256(preimage.toXdr());
}

function consumeNonce(
  { storage, ledgerSequence }: AuthorizationContext,
  who: string,
  { nonce, signatureExpirationLedger: until }: SorobanAddressCredentials,
): void {
  const numbers = (...ledgers: number[]) => [address(who), ...ledgers.map((ledger) => ScVal.scvU32(ledger))];
  if (ledgerSequence > until) {
    throw hostError.badAuthorization('signature has expired', ...numbers(ledgerSequence, until));
  }
  const latest = latestUntil(ledgerSequence);
  if (until > latest) throw hostError.badAuthorization('signature expiration is too late', ...numbers(latest, until));
  putNonce(storage, who, nonce, Math.max(until, temporaryUntil(ledgerSequence)));
}

/** The entry that keeps a nonce from being used again. It outlives the signature, and a temporary entry's least life. */
export function putNonce(storage: Storage, who: string, nonce: bigint, until: number): void {
  const place = noncePlace(who, nonce);
  if (storage.contractData(place)) throw hostError.nonceUsed('nonce already exists for address', address(who));
  storage.put({ kind: 'contractData', ...place, value: ScVal.scvVoid(), lastModified: 0 }, until);
}

export function noncePlace(who: string, nonce: bigint): ContractDataPlace {
  return { contract: who, key: ScVal.scvLedgerKeyNonce(new ScNonceKey({ nonce })), durability: 'temporary' };
}
