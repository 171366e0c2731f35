import { describe, expect, test } from '@jest/globals';
import { Account, Keypair, MuxedAccount, StrKey, xdr } from '@stellar/stellar-sdk/base';
import { accountsIn, baseAccount, memoRequiredIn } from './account.ts';

const XLM = 10_000_000n;
const address = Keypair.random().publicKey();
const accountId = xdr.PublicKey.publicKeyTypeEd25519(StrKey.decodeEd25519PublicKey(address));

function account(balance: bigint, subentries: number, ext: xdr.AccountEntryExt): xdr.LedgerEntryData {
  const entry = new xdr.AccountEntry({
    accountId,
    balance,
    seqNum: 77n,
    numSubEntries: subentries,
    inflationDest: null,
    flags: 0,
    homeDomain: '',
    thresholds: new Uint8Array([1, 0, 0, 0]),
    signers: [],
    ext,
  });
  return xdr.LedgerEntryData.account(entry);
}

function extended(selling: bigint, sponsored: number, sponsoring: number): xdr.AccountEntryExt {
  const v2 = new xdr.AccountEntryExtensionV2({
    numSponsored: sponsored,
    numSponsoring: sponsoring,
    signerSponsoringIDs: [],
    ext: xdr.AccountEntryExtensionV2Ext.v0(),
  });
  const v1 = new xdr.AccountEntryExtensionV1({
    liabilities: new xdr.Liabilities({ buying: 0n, selling }),
    ext: xdr.AccountEntryExtensionV1Ext.v2(v2),
  });
  return xdr.AccountEntryExt.v1(v1);
}

function data(name: string, value: string): xdr.LedgerEntryData {
  const entry = new xdr.DataEntry({
    accountId,
    dataName: name,
    dataValue: Buffer.from(value),
    ext: xdr.DataEntryExt.v0(),
  });
  return xdr.LedgerEntryData.data(entry);
}

describe('an account', () => {
  const spendable = (...args: Parameters<typeof account>) => accountsIn([account(...args)]).get(address)?.spendable;

  test('can spend what is above its reserve', () => {
    expect(spendable(10n * XLM, 3, xdr.AccountEntryExt.v0())).toBe(10n * XLM - (5n * XLM) / 2n);
    expect(spendable(XLM / 2n, 0, xdr.AccountEntryExt.v0())).toBe(0n);
  });

  test('can spend less by its offers and by what it sponsors, more by what is sponsored for it', () => {
    expect(spendable(10n * XLM, 0, extended(2n * XLM, 0, 0))).toBe(7n * XLM);
    expect(spendable(10n * XLM, 2, extended(0n, 2, 0))).toBe(9n * XLM);
    expect(spendable(10n * XLM, 0, extended(0n, 0, 4))).toBe(7n * XLM);
  });

  test('shows its sequence number', () => {
    expect(accountsIn([account(1n, 0, xdr.AccountEntryExt.v0())]).get(address)?.sequence).toBe(77n);
  });
});

test('an account wants a memo when its entry says 1 (SEP-29)', () => {
  expect(memoRequiredIn([data('config.memo_required', '1')])).toEqual(new Set([address]));
  expect(memoRequiredIn([data('config.memo_required', '0'), data('config.other', '1')])).toEqual(new Set());
  expect(memoRequiredIn([account(1n, 0, xdr.AccountEntryExt.v0())])).toEqual(new Set());
});

test('an M… address stands on its account', () => {
  const muxed = new MuxedAccount(new Account(address, '0'), '12345').accountId();
  expect(baseAccount(muxed)).toBe(address);
  expect(baseAccount(address)).toBe(address);
});
