import { CountersignError } from '@countersign/contract/errors';
import type { KeyPolicy } from '@countersign/policy/schema';
import type { PoolClient } from '@countersign/runtime/postgres';
import type { Proposal } from './proposal.ts';

/**
 * Takes an EVM nonce into the row of those signed: without a gap, and at most the policy's window ahead of the lowest that is
 * not final yet.
 *
 * @throws CountersignError NONCE_OUT_OF_WINDOW.
 */
export async function advanceNonce(client: PoolClient, proposal: Proposal, policy: KeyPolicy): Promise<void> {
  if (proposal.kind !== 'evm' || policy.kind !== 'evm') return;
  const { key, lowestOpenNonce } = proposal;
  const { chain, nonce } = proposal.transaction;
  const values = [chain, key.address.toLowerCase(), lowestOpenNonce, nonce];
  const { rows } = await client.query<NonceRow>({ name: 'advance-nonce', text: ADVANCE_NONCE, values });
  const [row] = rows;
  if (row === undefined) throw new CountersignError('INTERNAL', 'evm_accounts: expected a row');
  const next = BigInt(row.next_nonce);
  const beyond = BigInt(row.lowest_open) + policy.maxNoncesAhead;
  if (nonce >= next)
    throw outOfWindow('NONCE_GAP', `nonce: expected at most ${next}, the next to be signed, got ${nonce}`);
  if (nonce >= beyond) throw outOfWindow('NONCE_TOO_FAR_AHEAD', `nonce: expected below ${beyond}, got ${nonce}`);
}

// Afterwards next_nonce lies above the nonce, unless that would leave a gap: then it stays. The first report says where an
// account begins; later ones count up to what was signed, since nothing else can be final: the key is used here alone.
const ADVANCE_NONCE = `
insert into evm_accounts as a (chain, address, next_nonce, lowest_open)
values ($1, $2, case when $4::numeric <= $3::numeric then greatest($3::numeric, $4::numeric + 1) else $3::numeric end, $3::numeric)
on conflict (chain, address) do update set
  next_nonce = case
    when $4::numeric <= a.next_nonce then greatest(a.next_nonce, $4::numeric + 1)
    else a.next_nonce
  end,
  lowest_open = greatest(a.lowest_open, least(a.next_nonce, $3::numeric))
returning next_nonce, lowest_open`;

interface NonceRow {
  readonly next_nonce: string;
  readonly lowest_open: string;
}

function outOfWindow(code: string, message: string): CountersignError {
  return new CountersignError('NONCE_OUT_OF_WINDOW', message, { reasons: [{ code, message }] });
}
