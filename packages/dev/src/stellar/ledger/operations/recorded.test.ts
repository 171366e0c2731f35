import { describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { LedgerEntry, LedgerEntryChange } from '@stellar/stellar-sdk/xdr';
import { setLineFlags } from '../../testing/operations.ts';
import { loadOracle } from '../../testing/oracle.ts';
import { FAILURES, SUCCESSES, TRUSTLINE_AUTHORIZED } from '../../testing/recorded.ts';
import { entriesBefore, recordedChanges, recordedOperation, replay } from '../../testing/replay.ts';
import { newAccount } from '../account.ts';
import { addressOf, addressOfKey } from '../address.ts';
import { assetXdr, type CreditAsset, creditAsset } from '../asset.ts';
import { createEntries } from '../entries.ts';
import type { OperationRules } from './operation.ts';
import { rulesOf } from './rules.ts';

const oracle = await loadOracle();

/** A recorded operation with everyone that it names: source, destination, issuer. */
function read(envelope: string) {
  const { source, operation } = recordedOperation(envelope);
  const { body } = operation;
  const rules: OperationRules | undefined = rulesOf(body);
  const destination = body.type === 'payment' ? addressOf(body.paymentOp.destination) : undefined;
  const asset: CreditAsset | undefined =
    body.type === 'payment'
      ? creditAsset(body.paymentOp.asset)
      : body.type === 'changeTrust'
        ? creditAsset(body.changeTrustOp.line)
        : undefined;
  return { source, rules, destination, issuer: asset?.issuer };
}

describe('what is published of failed transactions', () => {
  test.each(Object.entries(FAILURES))('%s has the recorded result', (name, { envelope, result }) => {
    const { source, rules, destination, issuer } = read(envelope);
    if (!rules) throw new Error(`${name} is not modelled`);
    const missing = { paymentNoDestination: destination, changeTrustNoIssuer: issuer }[name];
    const entries = createEntries();
    const balance = name === 'changeTrustLowReserve' ? 10_000_000n : 1_000_000_000n;
    for (const address of [source, destination, issuer]) {
      if (address && address !== missing) entries.put(newAccount(address, balance, 0n));
    }
    expect(replay(rules, source, entries, 9)).toEqual({ result, changes: [] });
  });
});

describe('what is published of successful transactions', () => {
  test.each(Object.entries(SUCCESSES))('%s has the recorded result and changes', (name, { envelope, result, meta }) => {
    const { source, rules, destination, issuer } = read(envelope);
    if (!rules) throw new Error(`${name} is not modelled`);
    const recorded = recordedChanges(meta);
    const others = [source, destination, issuer].flatMap((address) => address ?? []);
    const replayed = replay(rules, source, entriesBefore(recorded, others), ledgerOf(recorded));
    expect(replayed.result).toBe(result);
    expect(comparable(replayed.changes)).toEqual(comparable(recorded));
  });
});

test('a trustline is authorized with the changes of a recorded allow trust operation', () => {
  const { source, operation } = recordedOperation(TRUSTLINE_AUTHORIZED.envelope);
  if (operation.body.type !== 'allowTrust') throw new Error(operation.body.type);
  const trustor = addressOfKey(operation.body.allowTrustOp.trustor.ed25519.value);
  const flags = setLineFlags(Keypair.fromPublicKey(trustor), assetXdr({ code: 'USD', issuer: source }), { set: 1 });
  const rules = rulesOf(flags.body);
  if (!rules) throw new Error('set trust line flags is not modelled');
  const recorded = recordedChanges(TRUSTLINE_AUTHORIZED.meta);
  const replayed = replay(rules, source, entriesBefore(recorded, [source, trustor]), ledgerOf(recorded));
  expect(comparable(replayed.changes)).toEqual(comparable(recorded));
});

function ledgerOf(changes: readonly LedgerEntryChange[]): number {
  return Math.max(...changes.map((change) => entryOf(change)?.lastModifiedLedgerSeq ?? 0));
}

function entryOf(change: LedgerEntryChange): LedgerEntry | undefined {
  return change.type === 'ledgerEntryRemoved' ? undefined : change.value;
}

/**
 * The same for the same bytes. A pair of state and what became of it has its place by chance in stellar-core; the
 * extension of an account tells of its past (CAP-21), so accounts are compared as the Rust implementation reads
 * them, without it. All else is compared as bytes.
 */
function comparable(changes: readonly LedgerEntryChange[]): string[] {
  return changes.map(comparableChange).sort();
}

function comparableChange(change: LedgerEntryChange): string {
  const entry = entryOf(change);
  if (entry?.data.type !== 'account') return change.toXdr('base64');
  const { data, ...rest } = Object(oracle('LedgerEntry', entry));
  const { ext: _, ...account } = data.account;
  return JSON.stringify([change.type, account, rest]);
}
