import { ScVal } from '@stellar/stellar-sdk/xdr';
import { minimumBalance } from '../ledger/account.ts';
import type { Address } from '../ledger/address.ts';
import type { CreditAsset } from '../ledger/asset.ts';
import type { ContractDataPlace } from '../ledger/contract-entries.ts';
import { MAX_INT64 } from '../ledger/network.ts';
import { isAuthorized } from '../ledger/trustline.ts';
import type { ContractAsset } from './asset-contract.ts';
import { contractError, hostError } from './host-error.ts';
import { persistentUntil } from './lifetime.ts';
import type { Storage } from './storage.ts';
import { address, int128, MAX_INT128, readBool, readInt128, struct, structFields, symbol } from './values.ts';

/** What the rules about balances need (soroban-env-host: stellar_asset_contract/balance.rs). */
export interface Holdings {
  readonly storage: Storage;
  /** `C…`, and the asset that it is of. */
  readonly contract: string;
  readonly asset: ContractAsset;
  readonly ledgerSequence: number;
  readonly baseReserve: bigint;
}

/** Flags of an issuer (stellar-core: AccountFlags). */
const AUTH_REQUIRED = 1;
const CLAWBACK_ENABLED = 8;

const DAY_IN_LEDGERS = 17_280;
const BALANCE_EXTENSION = 30 * DAY_IN_LEDGERS;

interface ContractBalance {
  readonly amount: bigint;
  readonly authorized: boolean;
  readonly clawback: boolean;
}

/** Takes an amount of at least 0 from a holder. `who` is `G…` or `C…` here and below. Throws a HostError. */
export function spend(holdings: Holdings, who: string, amount: bigint): void {
  demandAuthorized(holdings, who);
  if (isAccount(who)) {
    if (amount > MAX_INT64) throw contractError('OverflowError', 'spent amount is too large for an i64');
    moveClassic(holdings, who, -amount);
    return;
  }
  const balance = readBalance(holdings, who);
  if (!balance) {
    if (amount === 0n) return;
    throw contractError('BalanceError', 'zero balance is not sufficient to spend', int128(amount));
  }
  if (balance.amount < amount) {
    throw contractError('BalanceError', 'balance is not sufficient to spend', balanceValue(balance), int128(amount));
  }
  writeBalance(holdings, who, { ...balance, amount: balance.amount - amount });
}

/** Gives an amount of at least 0 to a holder; a contract's first receipt creates its balance. */
export function receive(holdings: Holdings, who: string, amount: bigint): void {
  demandAuthorized(holdings, who);
  if (isAccount(who)) {
    if (amount > MAX_INT64) throw contractError('OverflowError', 'received amount is too large for an i64');
    moveClassic(holdings, who, amount);
    return;
  }
  const balance = readBalance(holdings, who) ?? {
    amount: 0n,
    authorized: true,
    clawback: issuerHas(holdings, CLAWBACK_ENABLED),
  };
  if (balance.amount + amount > MAX_INT128) {
    throw contractError('OverflowError', 'balance overflow in receive_balance');
  }
  writeBalance(holdings, who, { ...balance, amount: balance.amount + amount });
}

function demandAuthorized(holdings: Holdings, who: string): void {
  const authorized = isAccount(who)
    ? isAccountAuthorized(holdings, who)
    : (readBalance(holdings, who)?.authorized ?? !issuerHas(holdings, AUTH_REQUIRED));
  if (!authorized) throw contractError('BalanceDeauthorizedError', 'balance is deauthorized');
}

function isAccountAuthorized({ storage, asset }: Holdings, who: Address): boolean {
  if (asset === 'native' || asset.issuer === who) return true;
  return isAuthorized(demandTrustline(storage, who, asset));
}

function moveClassic({ storage, asset, baseReserve }: Holdings, who: Address, amount: bigint): void {
  if (asset === 'native') {
    const account = storage.account(who);
    if (!account) throw contractError('AccountMissingError', 'account entry is missing', address(who));
    const least = minimumBalance(account.subentries, baseReserve);
    storage.put({ ...account, balance: movedBalance(account.balance, amount, least, MAX_INT64) });
  } else if (asset.issuer !== who) {
    const line = demandTrustline(storage, who, asset);
    storage.put({ ...line, balance: movedBalance(line.balance, amount, 0n, line.limit) });
  }
}

/** Also who receives must end at or above the least. */
function movedBalance(balance: bigint, amount: bigint, least: bigint, most: bigint): bigint {
  const moved = balance + amount;
  if (moved > MAX_INT64) throw contractError('BalanceError', 'resulting balance overflow');
  if (moved >= least && moved <= most) return moved;
  const range = [least, moved, most].map((value) => ScVal.scvI64(value));
  throw contractError('BalanceError', 'resulting balance is not within the allowed range', ...range);
}

function demandTrustline(storage: Storage, who: Address, asset: CreditAsset) {
  const line = storage.trustline(who, asset);
  if (line) return line;
  throw contractError('TrustlineMissingError', 'trustline entry is missing for account', address(who));
}

function issuerHas({ storage, asset }: Holdings, flag: number): boolean {
  if (asset === 'native') return false;
  const issuer = storage.account(asset.issuer);
  if (!issuer) throw hostError.missingValue('account entry is missing', address(asset.issuer));
  return (issuer.flags & flag) !== 0;
}

export function balancePlace(contract: string, who: string): ContractDataPlace {
  return { contract, key: ScVal.scvVec([symbol('Balance'), address(who)]), durability: 'persistent' };
}

function readBalance({ storage, contract }: Holdings, who: string): ContractBalance | undefined {
  const data = storage.contractData(balancePlace(contract, who));
  if (!data) return undefined;
  const fields = structFields(data.value);
  return {
    amount: readInt128(fields.get('amount')),
    authorized: readBool(fields.get('authorized')),
    clawback: readBool(fields.get('clawback')),
  };
}

function writeBalance({ storage, contract, ledgerSequence }: Holdings, who: string, balance: ContractBalance): void {
  const place = balancePlace(contract, who);
  storage.put(
    { kind: 'contractData', ...place, value: balanceValue(balance), lastModified: 0 },
    persistentUntil(ledgerSequence),
  );
  storage.extend(place, BALANCE_EXTENSION - DAY_IN_LEDGERS, BALANCE_EXTENSION);
}

function balanceValue({ amount, authorized, clawback }: ContractBalance): ScVal {
  return struct({
    amount: int128(amount),
    authorized: ScVal.scvBool(authorized),
    clawback: ScVal.scvBool(clawback),
  });
}

function isAccount(who: string): boolean {
  return who.startsWith('G');
}
