import { Address, xdr } from '@stellar/stellar-sdk/base';

type EntryFields = ConstructorParameters<typeof xdr.SorobanAuthorizationEntry>[0];
type CredentialsFields = ConstructorParameters<typeof xdr.SorobanAddressCredentials>[0];
type CallFields = ConstructorParameters<typeof xdr.InvokeContractArgs>[0];

export function entryIn(bytes: Uint8Array): xdr.SorobanAuthorizationEntry {
  return xdr.SorobanAuthorizationEntry.fromXdr(bytes);
}

export function credentialsOf({ credentials }: xdr.SorobanAuthorizationEntry): xdr.SorobanAddressCredentials {
  if (credentials.type !== 'sorobanCredentialsAddress') throw new Error(`expected an address, got ${credentials.type}`);
  return credentials.address;
}

export function callOf({
  rootInvocation,
}: Pick<xdr.SorobanAuthorizationEntry, 'rootInvocation'>): xdr.InvokeContractArgs {
  const { function: called } = rootInvocation;
  if (called.type !== 'sorobanAuthorizedFunctionTypeContractFn') throw new Error(`expected a call, got ${called.type}`);
  return called.contractFn;
}

export function invocationOf(
  call: xdr.InvokeContractArgs,
  subInvocations: xdr.SorobanAuthorizedInvocation[] = [],
): xdr.SorobanAuthorizedInvocation {
  return new xdr.SorobanAuthorizedInvocation({
    function: xdr.SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeContractFn(call),
    subInvocations,
  });
}

/** The entry with parts of it replaced. */
export function withEntry(
  entry: xdr.SorobanAuthorizationEntry,
  change: Partial<EntryFields>,
): xdr.SorobanAuthorizationEntry {
  return new xdr.SorobanAuthorizationEntry({ ...entry, ...change });
}

export function withCredentials(
  entry: xdr.SorobanAuthorizationEntry,
  change: Partial<CredentialsFields>,
): xdr.SorobanAuthorizationEntry {
  const credentials = new xdr.SorobanAddressCredentials({ ...credentialsOf(entry), ...change });
  return withEntry(entry, { credentials: xdr.SorobanCredentials.sorobanCredentialsAddress(credentials) });
}

export function recalled(call: xdr.InvokeContractArgs, change: Partial<CallFields>): xdr.InvokeContractArgs {
  return new xdr.InvokeContractArgs({ ...call, ...change });
}

/** The entry with parts of its call replaced. */
export function withCall(
  entry: xdr.SorobanAuthorizationEntry,
  change: Partial<CallFields>,
): xdr.SorobanAuthorizationEntry {
  return withEntry(entry, { rootInvocation: invocationOf(recalled(callOf(entry), change)) });
}

/** The entry with one of its arguments (from, to, amount) replaced. */
export function withArgument(
  entry: xdr.SorobanAuthorizationEntry,
  index: number,
  value: xdr.ScVal,
): xdr.SorobanAuthorizationEntry {
  return withCall(entry, { args: callOf(entry).args.with(index, value) });
}

export function scAddress(address: string): xdr.ScAddress {
  return Address.fromString(address).toScAddress();
}

export function addressValue(address: string): xdr.ScVal {
  return Address.fromString(address).toScVal();
}

export function int128(hi: bigint, lo: bigint): xdr.ScVal {
  return xdr.ScVal.scvI128(new xdr.Int128Parts({ hi, lo }));
}
