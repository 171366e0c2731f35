import { LedgerFootprint, type LedgerKey } from '@stellar/stellar-sdk/xdr';
import { hostError } from './host-error.ts';

export type Access = 'read' | 'write';

/** Which entries an invocation may touch, or has touched. */
export interface Footprint {
  /** Throws a HostError when that access is not in it. */
  use(key: LedgerKey, access: Access): void;
}

/** The footprint that a transaction declares: nothing beside it is accessible, and nothing read-only can be written. */
export function declaredFootprint({ readOnly, readWrite }: LedgerFootprint): Footprint {
  const writable = new Set(readWrite.map(nameOf));
  const readable = new Set([...readOnly.map(nameOf), ...writable]);
  return {
    use: (key, access) => {
      if ((access === 'write' ? writable : readable).has(nameOf(key))) return;
      const tried = access === 'write' && readable.has(nameOf(key)) ? 'write a read-only' : 'access a';
      throw hostError.outsideFootprint(`trying to ${tried} ledger entry outside of the footprint`);
    },
  };
}

/** What a simulation touches, written down as it happens. */
export interface RecordedFootprint extends Footprint {
  /** In the order of the keys, as Stellar RPC gives it. */
  footprint(): LedgerFootprint;
}

export function recordingFootprint(): RecordedFootprint {
  const used = new Map<string, { key: LedgerKey; access: Access }>();
  const keys = (wanted: Access) =>
    [...used.values()]
      .filter(({ access }) => access === wanted)
      .map(({ key }) => key)
      .sort((a, b) => Buffer.compare(a.toXdr(), b.toXdr()));
  return {
    use: (key, access) => {
      const name = nameOf(key);
      used.set(name, { key, access: used.get(name)?.access === 'write' ? 'write' : access });
    },
    footprint: () => new LedgerFootprint({ readOnly: keys('read'), readWrite: keys('write') }),
  };
}

function nameOf(key: LedgerKey): string {
  return key.toXdr('base64');
}
