import type { DiagnosticEvent, LedgerEntry } from '@stellar/stellar-sdk/xdr';
import {
  type HostFunction,
  type LedgerFootprint,
  type LedgerKey,
  type ScVal,
  type SorobanAuthorizationEntry,
  SorobanResources,
  SorobanResourcesExtV0,
  SorobanTransactionData,
  SorobanTransactionDataExt,
} from '@stellar/stellar-sdk/xdr';
import type { Address } from '../ledger/address.ts';
import { type Entries, layer } from '../ledger/entries.ts';
import { type Entry, ledgerEntry } from '../ledger/entry.ts';
import { saidBytes } from './apply.ts';
import { enforcedAuthorization } from './authorization.ts';
import { adjustedInstructions, adjustedRefundableFee, estimatedSize } from './estimate.ts';
import { failureText } from './events.ts';
import { eventsFee, nonRefundableFee, rentFee } from './fees.ts';
import { recordingFootprint } from './footprint.ts';
import { type Invocation, invoke } from './invoke.ts';
import { hasLifetime, persistentUntil, setLiveUntil } from './lifetime.ts';
import { recordedAuthorization } from './recording.ts';
import { largestSize, rentChanges } from './rent.ts';
import { createStorage } from './storage.ts';
import { declaredResources } from './transaction-data.ts';
import type { TransferCall } from './transfer.ts';

export interface SimulationRequest {
  readonly call: TransferCall;
  readonly hostFunction: HostFunction;
  readonly source: Address;
  /** To be checked; without, authorizations are recorded. */
  readonly authorizations?: readonly SorobanAuthorizationEntry[];
  /** Instructions to add at least. */
  readonly instructionLeeway: number;
}

export type Simulation =
  | { readonly error: string; readonly diagnostics: readonly DiagnosticEvent[] }
  | {
      readonly error?: undefined;
      readonly diagnostics: readonly DiagnosticEvent[];
      readonly data: SorobanTransactionData;
      readonly authorizations: readonly SorobanAuthorizationEntry[];
      readonly returnValue: ScVal;
      readonly changes: readonly EntryChange[];
    };

export interface EntryChange {
  readonly key: LedgerKey;
  readonly before: LedgerEntry | undefined;
  readonly after: LedgerEntry | undefined;
}

export interface SimulationLedger {
  readonly networkId: Uint8Array;
  /** The number of the ledger to come. */
  readonly sequence: number;
  readonly baseReserve: bigint;
}

/** Runs a call on the present entries, changes nothing, and tells what it needs (soroban-simulation). */
export function simulate(request: SimulationRequest, entries: Entries, ledger: SimulationLedger): Simulation {
  const { call, authorizations, source } = request;
  const { networkId, sequence: ledgerSequence, baseReserve } = ledger;
  const work = layer(entries, ledgerSequence);
  const footprint = recordingFootprint();
  const restored: LedgerKey[] = [];
  const storage = createStorage(work, footprint, ledgerSequence, (key) => {
    footprint.use(key, 'write');
    setLiveUntil(work, key, persistentUntil(ledgerSequence));
    restored.push(key);
  });
  const context = { storage, networkId, ledgerSequence, source };
  const recorded = recordedAuthorization(context);
  const authorization = authorizations ? enforcedAuthorization(context, authorizations) : recorded;
  const invocation = invoke(call, { storage, authorization, ledgerSequence, baseReserve });
  const { diagnostics } = invocation;
  if (invocation.error) return { error: failureText(invocation.error, diagnostics), diagnostics };

  const used = footprint.footprint();
  const auth = authorizations ?? recorded.entries();
  return {
    diagnostics,
    data: transactionData({ request, invocation, auth, used, restored, before: entries, after: work, ledgerSequence }),
    authorizations: auth,
    returnValue: invocation.returnValue,
    changes: used.readWrite.map((key) => ({ key, before: xdrOf(entries.at(key)), after: xdrOf(work.at(key)) })),
  };
}

interface Run {
  readonly request: SimulationRequest;
  readonly invocation: Extract<Invocation, { error?: undefined }>;
  readonly auth: readonly SorobanAuthorizationEntry[];
  readonly used: LedgerFootprint;
  readonly restored: readonly LedgerKey[];
  readonly before: Entries;
  readonly after: Entries;
  readonly ledgerSequence: number;
}

function transactionData({ request, invocation, auth, used, restored, before, after, ledgerSequence }: Run) {
  const keys = [...used.readOnly, ...used.readWrite];
  const fromDisk = [...keys.filter((key) => !hasLifetime(key)), ...restored];
  const resources = new SorobanResources({
    footprint: used,
    instructions: adjustedInstructions(invocation.instructions, request.instructionLeeway),
    diskReadBytes: fromDisk.reduce((sum, key) => sum + largestSize(before, key), 0),
    writeBytes: used.readWrite.reduce((sum, key) => sum + largestSize(after, key), 0),
  });
  const unpriced = new SorobanTransactionData({ ext: archived(used, restored), resources, resourceFee: 0n });
  const size = estimatedSize(request.hostFunction, auth, used);
  const refundable =
    rentFee(rentChanges(before, after, keys, ledgerSequence), ledgerSequence) +
    eventsFee(saidBytes(invocation.returnValue, invocation.events));
  const resourceFee = nonRefundableFee(declaredResources(unpriced, size)) + adjustedRefundableFee(refundable);
  return new SorobanTransactionData({ ext: unpriced.ext, resources, resourceFee });
}

function archived({ readWrite }: LedgerFootprint, restored: readonly LedgerKey[]): SorobanTransactionDataExt {
  if (restored.length === 0) return SorobanTransactionDataExt.v0();
  const names = new Set(restored.map((key) => key.toXdr('base64')));
  const archivedSorobanEntries = readWrite.flatMap((key, index) => (names.has(key.toXdr('base64')) ? [index] : []));
  return SorobanTransactionDataExt.resourceExt(new SorobanResourcesExtV0({ archivedSorobanEntries }));
}

function xdrOf(entry: Entry | undefined): LedgerEntry | undefined {
  return entry && ledgerEntry(entry);
}
