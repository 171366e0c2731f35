import type { LedgerFootprint, LedgerKey, SorobanTransactionData } from '@stellar/stellar-sdk/xdr';
import { addressOfKey } from '../ledger/address.ts';
import { creditAsset } from '../ledger/asset.ts';
import { nonRefundableFee, type Resources } from './fees.ts';
import { hasLifetime, isPersistent } from './lifetime.ts';
import { LIMITS } from './settings.ts';

/** The most that a resource fee can be, stroops (stellar-core: MAX_RESOURCE_FEE). */
const MAX_RESOURCE_FEE = 2n ** 50n;

/** Whether the fee is one at all; a transaction with another is malformed. */
export function isResourceFee(fee: bigint): boolean {
  return fee >= 0n && fee <= MAX_RESOURCE_FEE;
}

/** Whether resources, footprint and fee are what a transaction may declare; another is txSOROBAN_INVALID. */
export function isValidTransactionData(data: SorobanTransactionData, transactionSize: number): boolean {
  const resources = declaredResources(data, transactionSize);
  const { footprint } = data.resources;
  const keys = [...footprint.readOnly, ...footprint.readWrite];
  return (
    isWithinLimits(resources, keys.length) &&
    keys.every(isFootprintKey) &&
    areArchived(archivedIndexes(data), footprint) &&
    data.resourceFee >= nonRefundableFee(resources) &&
    new Set(keys.map((key) => key.toXdr('base64'))).size === keys.length
  );
}

export function declaredResources(data: SorobanTransactionData, transactionSize: number): Resources {
  const { footprint, instructions, diskReadBytes, writeBytes } = data.resources;
  const classic = [...footprint.readOnly, ...footprint.readWrite].filter((key) => !hasLifetime(key));
  return {
    instructions,
    diskReadEntries: classic.length + archivedIndexes(data).length,
    diskReadBytes,
    writeEntries: footprint.readWrite.length,
    writeBytes,
    transactionSize,
  };
}

/** Which entries of the read-write footprint are archived and to be restored before the call (CAP-66). */
export function archivedIndexes({ ext }: SorobanTransactionData): readonly number[] {
  return ext.type === 'resourceExt' ? ext.resourceExt.archivedSorobanEntries : [];
}

function isWithinLimits(resources: Resources, footprintEntries: number): boolean {
  return (
    resources.instructions <= LIMITS.instructions &&
    resources.diskReadBytes <= LIMITS.diskReadBytes &&
    resources.writeBytes <= LIMITS.writeBytes &&
    footprintEntries <= LIMITS.footprintEntries &&
    resources.diskReadEntries <= LIMITS.diskReadEntries &&
    resources.writeEntries <= LIMITS.writeEntries &&
    resources.transactionSize <= LIMITS.transactionSize
  );
}

function isFootprintKey(key: LedgerKey): boolean {
  if (key.toXdr().length > LIMITS.keySize) return false;
  switch (key.type) {
    case 'account':
    case 'contractData':
    case 'contractCode':
      return true;
    case 'trustline': {
      const asset = creditAsset(key.trustLine.asset);
      return asset !== undefined && asset.issuer !== addressOfKey(key.trustLine.accountId.ed25519.value);
    }
    default:
      return false;
  }
}

/** Ascending, inside the footprint, and only what can be archived. */
function areArchived(indexes: readonly number[], { readWrite }: LedgerFootprint): boolean {
  return indexes.every((index, place) => {
    const key = readWrite[index];
    const previous = indexes[place - 1];
    return key !== undefined && isPersistent(key) && (previous === undefined || index > previous);
  });
}
