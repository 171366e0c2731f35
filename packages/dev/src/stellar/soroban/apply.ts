import {
  type ContractEvent,
  type DiagnosticEvent,
  InvokeHostFunctionResult,
  InvokeHostFunctionSuccessPreImage,
  type ScVal,
} from '@stellar/stellar-sdk/xdr';
import type { Address } from '../ledger/address.ts';
import { type Entries, layer } from '../ledger/entries.ts';
import { sha256 } from '../ledger/network.ts';
import { enforcedAuthorization } from './authorization.ts';
import { eventsFee, rentFee } from './fees.ts';
import { declaredFootprint } from './footprint.ts';
import { hostError } from './host-error.ts';
import { invoke } from './invoke.ts';
import { hasLifetime, liveness, persistentUntil, setLiveUntil } from './lifetime.ts';
import { entrySize, rentChanges } from './rent.ts';
import { LIMITS } from './settings.ts';
import type { SorobanTransaction } from './soroban-transaction.ts';
import { createStorage } from './storage.ts';
import { archivedIndexes } from './transaction-data.ts';

/** What an invocation leaves beside changed entries. */
export interface SorobanEffects {
  readonly result: InvokeHostFunctionResult;
  /** Absent after a failure. */
  readonly returnValue?: ScVal;
  readonly events: readonly ContractEvent[];
  readonly diagnostics: readonly DiagnosticEvent[];
  /** What was used up of the refundable fee, stroops: 0 after a failure. */
  readonly refundableFee: bigint;
  /** The rent in it. */
  readonly rentFee: bigint;
}

export interface ApplyContext {
  readonly entries: Entries;
  readonly source: Address;
  readonly ledger: { readonly sequence: number; readonly baseReserve: bigint };
}

/** Applies an invocation (stellar-core: InvokeHostFunctionOpFrame). The caller drops the changes of one that failed. */
export function applyInvocation(transaction: SorobanTransaction, context: ApplyContext): SorobanEffects {
  const { entries, source, ledger } = context;
  const { data, call, networkId, authorizations } = transaction;
  const { footprint, instructions, writeBytes } = data.resources;
  const work = layer(entries, ledger.sequence);
  const unreadable = readFootprint(transaction, work, ledger.sequence);
  if (unreadable) return failure(unreadable);

  const storage = createStorage(work, declaredFootprint(footprint), ledger.sequence, () => {
    throw hostError.outsideFootprint('an archived entry was not restored');
  });
  const ledgerSequence = ledger.sequence;
  const authorization = enforcedAuthorization({ storage, networkId, ledgerSequence, source }, authorizations);
  const invocation = invoke(call, { storage, authorization, ledgerSequence, baseReserve: ledger.baseReserve });
  const { diagnostics } = invocation;
  if (invocation.error) return failure(InvokeHostFunctionResult.invokeHostFunctionTrapped(), diagnostics);

  const { returnValue, events } = invocation;
  const written = footprint.readWrite.reduce((sum, key) => sum + entrySize(work, key), 0);
  const said = saidBytes(returnValue, events);
  if (invocation.instructions > instructions || written > writeBytes || said > LIMITS.eventsSize) {
    return failure(InvokeHostFunctionResult.invokeHostFunctionResourceLimitExceeded(), diagnostics);
  }
  const keys = [...footprint.readOnly, ...footprint.readWrite];
  const rent = rentFee(rentChanges(entries, work, keys, ledger.sequence), ledger.sequence);
  const refundableFee = rent + eventsFee(said);
  if (refundableFee > data.resourceFee - transaction.nonRefundableFee) {
    return failure(InvokeHostFunctionResult.invokeHostFunctionInsufficientRefundableFee(), diagnostics);
  }
  work.commit();
  const preimage = new InvokeHostFunctionSuccessPreImage({ returnValue, events: [...events] });
  const result = InvokeHostFunctionResult.invokeHostFunctionSuccess(sha256(preimage.toXdr()));
  return { result, returnValue, events, diagnostics, refundableFee, rentFee: rent };
}

/** Reads what is declared, restores what is declared to be archived; a result when that cannot be. */
function readFootprint({ data }: SorobanTransaction, entries: Entries, ledgerSequence: number) {
  const { footprint, diskReadBytes } = data.resources;
  const restorable = new Set(archivedIndexes(data).map((index) => footprint.readWrite[index]));
  let read = 0;
  for (const key of [...footprint.readOnly, ...footprint.readWrite]) {
    const archived = liveness(entries, key, ledgerSequence) === 'archived';
    if (archived && !restorable.has(key)) return InvokeHostFunctionResult.invokeHostFunctionEntryArchived();
    if (archived) setLiveUntil(entries, key, persistentUntil(ledgerSequence));
    // Contract entries are in a node's memory: only what is classic or archived is read from disk.
    if (archived || !hasLifetime(key)) read += entrySize(entries, key);
    if (read > diskReadBytes) return InvokeHostFunctionResult.invokeHostFunctionResourceLimitExceeded();
  }
  return undefined;
}

/** Bytes of the events and of the returned value. */
export function saidBytes(returnValue: ScVal, events: readonly ContractEvent[]): number {
  return events.reduce((sum, event) => sum + event.toXdr().length, returnValue.toXdr().length);
}

function failure(result: InvokeHostFunctionResult, diagnostics: readonly DiagnosticEvent[] = []): SorobanEffects {
  return { result, events: [], diagnostics, refundableFee: 0n, rentFee: 0n };
}
