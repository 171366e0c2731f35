import type { xdr } from '@stellar/stellar-sdk/base';
import type { LedgerEntries, StellarRpc } from './rpc.ts';

// What Stellar RPC takes.
const KEYS_A_CALL = 200;

/**
 * Reads entries in as few calls as they fit into. What stands in one group is read in one call, and so at one ledger;
 * `ledger` is the oldest that any of the calls told of.
 */
export async function readEntries(
  rpc: Pick<StellarRpc, 'entries'>,
  groups: readonly (readonly xdr.LedgerKey[])[],
): Promise<LedgerEntries> {
  const answers = await Promise.all(calls(groups).map((keys) => rpc.entries(keys)));
  let [oldest = { ledger: 0n }] = answers;
  for (const answer of answers) if (answer.ledger < oldest.ledger) oldest = answer;
  return { ledger: oldest.ledger, entries: answers.flatMap(({ entries }) => entries) };
}

function calls(groups: readonly (readonly xdr.LedgerKey[])[]): xdr.LedgerKey[][] {
  const filled: xdr.LedgerKey[][] = [[]];
  for (const group of groups) {
    if (group.length > KEYS_A_CALL) throw new Error(`${group.length} ledger keys to be read at one ledger`);
    const last = filled.at(-1) ?? [];
    if (last.length + group.length > KEYS_A_CALL) filled.push([...group]);
    else last.push(...group);
  }
  return filled;
}
