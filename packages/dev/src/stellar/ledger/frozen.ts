import { LedgerKey } from '@stellar/stellar-sdk/xdr';
import { addressOfKey } from './address.ts';
import { creditAsset } from './asset.ts';
import type { Parameters } from './context.ts';
import { type EntryName, keyName, nameOf } from './entry-name.ts';
import type { Transaction } from './envelope.ts';

/** A key that cannot be frozen. */
export class FreezeError extends Error {}

/** Reads a key's XDR, base64; throws a FreezeError where it is none. */
export function ledgerKeyOf(text: string): LedgerKey {
  try {
    return LedgerKey.fromXdr(text, 'base64');
  } catch (cause) {
    throw new FreezeError(`expected the base64 XDR of a LedgerKey, got ${text.slice(0, 200)}`, { cause });
  }
}

/**
 * The name of a key that can be frozen: of an account, a trustline, contract data or code (CAP-77). Throws a
 * FreezeError for other kinds, and for pool shares and an issuer's trustline to itself, which cannot exist.
 */
export function freezableName(key: LedgerKey): EntryName {
  const name = keyName(key);
  const freezable = ['account', 'trustline', 'contractData', 'contractCode'].includes(key.type);
  if (name === undefined || !freezable || isIssuersOwn(key)) {
    throw new FreezeError(`cannot freeze a key of type ${key.type}: ${key.toXdr('base64')}`);
  }
  return name;
}

function isIssuersOwn(key: LedgerKey): boolean {
  if (key.type !== 'trustline') return false;
  return creditAsset(key.trustLine.asset)?.issuer === addressOfKey(key.trustLine.accountId.ed25519.value);
}

/** Whether a source account of the transaction or anything that its operations name is frozen. */
export function accessesFrozen({ source, content }: Transaction, { frozen }: Pick<Parameters, 'frozen'>): boolean {
  if (frozen.size === 0 || content.refusal) return false;
  if (frozen.has(nameOf.account(source))) return true;
  return content.operations.some((operation) =>
    [nameOf.account(operation.source), ...operation.rules.touches(operation.source)].some((name) => frozen.has(name)),
  );
}
