import { randomBytes } from 'node:crypto';
import { Address as ScAddressText } from '@stellar/stellar-sdk/base';
import {
  type InvokeContractArgs,
  ScVal,
  SorobanAddressCredentials,
  SorobanAuthorizationEntry,
  SorobanAuthorizedFunction,
  SorobanAuthorizedInvocation,
  SorobanCredentials,
} from '@stellar/stellar-sdk/xdr';
import { type Authorization, type AuthorizationContext, putNonce } from './authorization.ts';
import { hostError } from './host-error.ts';
import { temporaryUntil } from './lifetime.ts';
import { INSTRUCTIONS } from './settings.ts';
import { address } from './values.ts';

/** Takes every authorization for given, and writes down what would have to be signed. */
export interface RecordedAuthorization extends Authorization {
  /** One for each demand: unsigned, with a random nonce; by the source account without either. */
  entries(): SorobanAuthorizationEntry[];
}

export function recordedAuthorization(context: AuthorizationContext): RecordedAuthorization {
  const entries: SorobanAuthorizationEntry[] = [];
  let instructions = 0;
  return {
    require: (who, invocation) => {
      if (who === context.source) {
        entries.push(authorizationEntry(SorobanCredentials.sorobanCredentialsSourceAccount(), invocation));
        return;
      }
      const nonce = randomBytes(8).readBigInt64BE() & (2n ** 63n - 1n);
      putNonce(context.storage, who, nonce, temporaryUntil(context.ledgerSequence));
      // Read as the real check would, for the footprint.
      if (who.startsWith('G') && !context.storage.account(who)) {
        throw hostError.missingValue('account to authenticate is missing', address(who));
      }
      // One signature's check is counted, as in the host: with several of them, simulate again with them.
      instructions += INSTRUCTIONS.addressAuthorization + INSTRUCTIONS.signature;
      entries.push(
        authorizationEntry(SorobanCredentials.sorobanCredentialsAddress(credentials(who, nonce)), invocation),
      );
    },
    instructions: () => instructions,
    entries: () => entries,
  };
}

function credentials(who: string, nonce: bigint): SorobanAddressCredentials {
  return new SorobanAddressCredentials({
    address: ScAddressText.fromString(who).toScAddress(),
    nonce,
    signatureExpirationLedger: 0,
    signature: ScVal.scvVoid(),
  });
}

function authorizationEntry(by: SorobanCredentials, invocation: InvokeContractArgs): SorobanAuthorizationEntry {
  return new SorobanAuthorizationEntry({
    credentials: by,
    rootInvocation: new SorobanAuthorizedInvocation({
      function: SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(invocation),
      subInvocations: [],
    }),
  });
}
