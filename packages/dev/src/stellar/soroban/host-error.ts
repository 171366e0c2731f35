import { ScError, ScErrorCode, type ScVal } from '@stellar/stellar-sdk/xdr';

/** The errors of the built-in contracts (soroban-env-host: contract_error.rs). */
export const CONTRACT_ERRORS = {
  InternalError: 1,
  OperationNotSupportedError: 2,
  AlreadyInitializedError: 3,
  UnauthorizedError: 4,
  AuthenticationError: 5,
  AccountMissingError: 6,
  AccountIsNotClassic: 7,
  NegativeAmountError: 8,
  AllowanceError: 9,
  BalanceError: 10,
  BalanceDeauthorizedError: 11,
  OverflowError: 12,
  TrustlineMissingError: 13,
} as const;

export type ContractErrorName = keyof typeof CONTRACT_ERRORS;

/** Ends an invocation: on the ledger it traps, in a simulation it is the `error`. */
export class HostError extends Error {
  readonly error: ScError;
  /** What the host said of it beside the message. */
  readonly values: readonly ScVal[];

  constructor(error: ScError, message: string, values: readonly ScVal[] = []) {
    super(message);
    this.error = error;
    this.values = values;
  }
}

export function contractError(name: ContractErrorName, message: string, ...values: ScVal[]): HostError {
  return new HostError(ScError.sceContract(CONTRACT_ERRORS[name]), message, values);
}

export const hostError = {
  missingValue: (message: string, ...values: ScVal[]) =>
    new HostError(ScError.sceStorage(ScErrorCode.scecMissingValue), message, values),
  outsideFootprint: (message: string, ...values: ScVal[]) =>
    new HostError(ScError.sceStorage(ScErrorCode.scecExceededLimit), message, values),
  unauthorized: (message: string, ...values: ScVal[]) =>
    new HostError(ScError.sceAuth(ScErrorCode.scecInvalidAction), message, values),
  badAuthorization: (message: string, ...values: ScVal[]) =>
    new HostError(ScError.sceAuth(ScErrorCode.scecInvalidInput), message, values),
  nonceUsed: (message: string, ...values: ScVal[]) =>
    new HostError(ScError.sceAuth(ScErrorCode.scecExistingValue), message, values),
  badSignature: (message: string) => new HostError(ScError.sceCrypto(ScErrorCode.scecInvalidInput), message),
  unexpectedType: (message: string, ...values: ScVal[]) =>
    new HostError(ScError.sceValue(ScErrorCode.scecUnexpectedType), message, values),
};

/** `Error(Contract, #13)`, `Error(Auth, InvalidAction)`: as the host prints them. */
export function errorText(error: ScError): string {
  if (error.type === 'sceContract') return `Error(Contract, #${error.contractCode})`;
  return `Error(${error.type.slice('sce'.length)}, ${error.code.name.slice('scec'.length)})`;
}
