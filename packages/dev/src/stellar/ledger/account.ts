import {
  AccountEntry,
  AccountEntryExt,
  AccountEntryExtensionV1,
  AccountEntryExtensionV1Ext,
  AccountEntryExtensionV2,
  AccountEntryExtensionV2Ext,
  AccountEntryExtensionV3,
  ExtensionPoint,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyAccount,
  Liabilities,
  Signer as SignerEntry,
  SignerKey,
  Thresholds,
} from '@stellar/stellar-sdk/xdr';
import { type Address, accountIdOf, keyOf } from './address.ts';
import type { Signer } from './signatures.ts';

/** An account as the ledger holds it. Amounts in stroops; weights and thresholds 0…255. */
export interface Account {
  readonly kind: 'account';
  readonly address: Address;
  readonly balance: bigint;
  readonly sequence: bigint;
  readonly flags: number;
  readonly homeDomain: string;
  readonly inflationDestination?: Address;
  readonly masterWeight: number;
  readonly thresholds: { readonly low: number; readonly medium: number; readonly high: number };
  /** Beside the master key, ascending by key; each is a subentry. */
  readonly signers: readonly Signer[];
  /** How many signers, trustlines and data entries the account has: each adds to its reserve. */
  readonly subentries: number;
  /** When the sequence number was last set by a transaction or a bump (CAP-21); absent until then. */
  readonly sequenceSet?: { readonly ledger: number; readonly time: bigint };
  readonly lastModified: number;
}

/** What an issuer asks of those who hold its assets (stellar-core: AccountFlags). */
export const ACCOUNT_FLAGS = { required: 1, revocable: 2, immutable: 4, clawback: 8 } as const;

const MAX_SUBENTRIES = 1_000;

export function newAccount(address: Address, balance: bigint, sequence: bigint): Account {
  return {
    kind: 'account',
    address,
    balance,
    sequence,
    flags: 0,
    homeDomain: '',
    masterWeight: 1,
    thresholds: { low: 0, medium: 0, high: 0 },
    signers: [],
    subentries: 0,
    lastModified: 0,
  };
}

/** The reserve of an account with so many subentries: two base reserves and one for each. */
export function minimumBalance(subentries: number, baseReserve: bigint): bigint {
  return (2n + BigInt(subentries)) * baseReserve;
}

/** What the account can spend; negative when it is below its reserve. */
export function availableBalance(account: Account, baseReserve: bigint): bigint {
  return account.balance - minimumBalance(account.subentries, baseReserve);
}

/** Why the account cannot have one more subentry (stellar-core: canCreateEntryWithoutSponsorship). */
export function subentryProblem(account: Account, baseReserve: bigint): 'tooManySubentries' | 'lowReserve' | undefined {
  if (account.subentries >= MAX_SUBENTRIES) return 'tooManySubentries';
  return availableBalance(account, baseReserve) < baseReserve ? 'lowReserve' : undefined;
}

/** Everyone who can sign for the account; a master key of weight 0 is no signer at all. */
export function signersOf(account: Account): readonly Signer[] {
  if (account.masterWeight === 0) return account.signers;
  return [{ key: account.address, weight: account.masterWeight }, ...account.signers];
}

export function accountData(account: Account): LedgerEntryData {
  const { masterWeight, thresholds, inflationDestination } = account;
  return LedgerEntryData.account(
    new AccountEntry({
      accountId: accountIdOf(account.address),
      balance: account.balance,
      seqNum: account.sequence,
      numSubEntries: account.subentries,
      inflationDest: inflationDestination === undefined ? null : accountIdOf(inflationDestination),
      flags: account.flags,
      homeDomain: account.homeDomain,
      thresholds: new Thresholds(Uint8Array.of(masterWeight, thresholds.low, thresholds.medium, thresholds.high)),
      signers: account.signers.map(
        ({ key, weight }) => new SignerEntry({ key: SignerKey.signerKeyTypeEd25519(keyOf(key)), weight }),
      ),
      ext: extension(account),
    }),
  );
}

export function accountKey(address: Address): LedgerKey {
  return LedgerKey.account(new LedgerKeyAccount({ accountId: accountIdOf(address) }));
}

function extension({ sequenceSet, signers }: Account): AccountEntryExt {
  if (!sequenceSet) return AccountEntryExt.v0();
  const third = new AccountEntryExtensionV3({
    ext: ExtensionPoint.v0(),
    seqLedger: sequenceSet.ledger,
    seqTime: sequenceSet.time,
  });
  const second = new AccountEntryExtensionV2({
    numSponsored: 0,
    numSponsoring: 0,
    signerSponsoringIDs: signers.map(() => null),
    ext: AccountEntryExtensionV2Ext.v3(third),
  });
  return AccountEntryExt.v1(
    new AccountEntryExtensionV1({
      liabilities: new Liabilities({ buying: 0n, selling: 0n }),
      ext: AccountEntryExtensionV1Ext.v2(second),
    }),
  );
}
