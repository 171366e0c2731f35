import { xdr } from '@stellar/stellar-sdk/base';
import type { Attacker } from '../attacker.ts';
import { bytesOf, carrying, invocation } from './requests.ts';
import { credentialsOf, recalled, withCredentials } from './soroban.ts';
import { reshaped, type TransactionFields, transactionIn } from './stellar.ts';

/** A good envelope, taken apart. */
interface Good {
  readonly tx: xdr.Transaction;
  readonly operation: xdr.Operation;
  readonly host: xdr.InvokeContractArgs;
  readonly entry: xdr.SorobanAuthorizationEntry;
  readonly data: xdr.SorobanTransactionData;
}
export type Forge = (good: Good, t: Attacker) => Partial<TransactionFields>;

/** Signs what a good envelope becomes. */
export const run = (forge: Forge) => async (t: Attacker) => {
  const request = await invocation(t);
  const envelope = bytesOf(request);
  return t.sign(carrying(request, reshaped(envelope, forge(takenApart(envelope), t))));
};

function takenApart(envelope: Uint8Array): Good {
  const tx = transactionIn(envelope);
  const [operation] = tx.operations;
  if (operation?.body.type !== 'invokeHostFunction' || tx.ext.type !== 'sorobanData') throw new Error('not as built');
  const { hostFunction, auth } = operation.body.invokeHostFunctionOp;
  const [entry] = auth;
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract' || entry === undefined) throw new Error('not as built');
  return { tx, operation, host: hostFunction.invokeContract, entry, data: tx.ext.sorobanData };
}

type Entry = xdr.SorobanAuthorizationEntry;
export const hosting = (hostFunction: xdr.HostFunction, auth: Entry[]): Partial<TransactionFields> => ({
  operations: [
    new xdr.Operation({
      sourceAccount: null,
      body: xdr.OperationBody.invokeHostFunction(new xdr.InvokeHostFunctionOp({ hostFunction, auth })),
    }),
  ],
});
export const calling = (call: xdr.InvokeContractArgs, ...auth: Entry[]) =>
  hosting(xdr.HostFunction.hostFunctionTypeInvokeContract(call), auth);
/** Another call than the authorized one. */
export const called =
  (change: (host: xdr.InvokeContractArgs, t: Attacker) => Parameters<typeof recalled>[1]): Forge =>
  ({ host, entry }, t) =>
    calling(recalled(host, change(host, t)), entry);
/** The same call with other authorizations. */
export const authorizedBy =
  (change: (entry: Entry, t: Attacker) => Entry[]): Forge =>
  ({ host, entry }, t) =>
    calling(host, ...change(entry, t));
/** The entry with something else for its signature. */
export const signature = (change: (map: xdr.ScMapEntry[]) => xdr.ScVal): Forge =>
  authorizedBy((entry) => {
    const { signature: value } = credentialsOf(entry);
    const [first] = value.type === 'scvVec' ? (value.vec ?? []) : [];
    const map = first?.type === 'scvMap' ? (first.map ?? []) : [];
    return [withCredentials(entry, { signature: change([...map]) })];
  });
export const vec = (...values: xdr.ScVal[]) => xdr.ScVal.scvVec(values);
export const resources =
  (
    change: (data: xdr.SorobanTransactionData) => Partial<ConstructorParameters<typeof xdr.SorobanTransactionData>[0]>,
  ): Forge =>
  ({ data }) => ({ ext: xdr.TransactionExt.sorobanData(new xdr.SorobanTransactionData({ ...data, ...change(data) })) });
/** A footprint with one more key to read. */
export const reading =
  (key: (data: xdr.SorobanTransactionData, t: Attacker) => xdr.LedgerKey): Forge =>
  ({ data }, t) => {
    const { footprint } = data.resources;
    const wide = new xdr.LedgerFootprint({ ...footprint, readOnly: [...footprint.readOnly, key(data, t)] });
    return resources(() => ({ resources: new xdr.SorobanResources({ ...data.resources, footprint: wide }) }))(
      { data } as Good,
      t,
    );
  };
export const contractData = (contract: xdr.ScAddress, key: xdr.ScVal, durability: xdr.ContractDataDurability) =>
  xdr.LedgerKey.contractData(new xdr.LedgerKeyContractData({ contract, key, durability }));
