import type { PoolClient } from '@countersign/runtime/postgres';
import { demandRows, StaleError } from '../../commit.ts';
import { type Payout, selectPayouts } from '../../payouts.ts';
import type { StellarContext } from '../context.ts';

/** How an authorization ended; `lost`: used by an envelope that is not ours, or nobody can tell any more. */
type AuthorizationEnd = 'used' | 'expired' | 'refused' | 'lost';

/** A row of stellar_authorizations: the one authorization of a payout. */
export interface Authorization {
  /** at_…: the request id at the signer. */
  readonly id: string;
  readonly payoutId: string;
  /** Held by the payout as long as this is open. */
  readonly channel: string;
  readonly nonce: bigint;
  /** The last ledger that takes it. */
  readonly expirationLedger: bigint;
  /** What is signed, hex. */
  readonly hash: string;
  /** XDR of the entry. */
  readonly unsigned: Uint8Array;
  readonly asks: number;
  readonly signed: Uint8Array | undefined;
  /** The newest ledger that is known to have had its nonce unused. */
  readonly unusedAt: bigint;
}

/** An authorization, not stored yet. */
export type NewAuthorization = Omit<Authorization, 'asks' | 'signed'>;

interface AuthorizationRow {
  readonly id: string;
  readonly payout_id: string;
  readonly channel: string;
  readonly nonce: bigint;
  readonly expiration_ledger: bigint;
  readonly hash: string;
  readonly unsigned: Uint8Array;
  readonly asks: number;
  readonly signed: Uint8Array | null;
  readonly unused_at: bigint;
}

/** The open authorization that holds a channel. */
export async function openAuthorization(
  { pool, chain }: StellarContext,
  channel: string,
): Promise<Authorization | undefined> {
  const { rows } = await pool.query<AuthorizationRow>(
    `select id, payout_id, channel, nonce, expiration_ledger, hash, unsigned, asks, signed, unused_at
     from stellar_authorizations where chain = $1 and channel = $2 and state = 'open'`,
    [chain.chain, channel],
  );
  return rows[0] && authorizationOf(rows[0]);
}

export async function authorizedPayout({ pool }: StellarContext, { payoutId }: Authorization): Promise<Payout> {
  const [payout] = await selectPayouts(pool, 'where p.id = $1', [payoutId]);
  if (payout === undefined) throw new Error(`payout ${payoutId}: no such row`);
  return payout;
}

export async function insertAuthorization(
  { chain }: StellarContext,
  sql: PoolClient,
  authorization: NewAuthorization,
): Promise<void> {
  const { id, payoutId, channel, nonce, expirationLedger, hash, unsigned, unusedAt } = authorization;
  const { rowCount } = await sql.query(
    `insert into stellar_authorizations (id, payout_id, chain, channel, nonce, expiration_ledger, hash, unsigned, unused_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [id, payoutId, chain.chain, channel, nonce, expirationLedger, hash, unsigned, unusedAt],
  );
  if (rowCount !== 1) throw new StaleError(`payout ${payoutId} has an authorization already`);
}

/** Counts a request for the signature before it is sent: from the second on, nobody knows what became of the first. */
export async function countAuthorizationAsk(sql: PoolClient, { id }: Authorization): Promise<number> {
  const { rows, rowCount } = await sql.query<{ asks: number }>(
    `update stellar_authorizations set asks = asks + 1 where id = $1 and state = 'open' and signed is null returning asks`,
    [id],
  );
  demandRows(`authorization ${id} to be signed`, rowCount, 1);
  return rows[0]?.asks ?? 0;
}

export async function storeSignature(
  sql: PoolClient,
  { id }: Authorization,
  signed: Uint8Array,
  path: 'legacy' | 'kms',
): Promise<void> {
  const { rowCount } = await sql.query(
    `update stellar_authorizations set signed = $2, path = $3, signed_at = now()
     where id = $1 and state = 'open' and signed is null`,
    [id, signed, path],
  );
  demandRows(`authorization ${id} to signed`, rowCount, 1);
}

/** Stores that a ledger had the nonce unused. */
export async function noteUnused({ pool }: StellarContext, { id }: Authorization, ledger: bigint): Promise<void> {
  await pool.query('update stellar_authorizations set unused_at = greatest(unused_at, $2) where id = $1', [id, ledger]);
}

/** Forgets an authorization that was never signed: the payout can have another one. Only where nobody has asked meanwhile. */
export async function withdrawAuthorization(sql: PoolClient, { id }: Authorization): Promise<void> {
  const { rowCount } = await sql.query(
    `delete from stellar_authorizations where id = $1 and state = 'open' and signed is null and asks = 1`,
    [id],
  );
  demandRows(`authorization ${id} withdrawn`, rowCount, 1);
}

/** Nothing can have come of a request that was answered like this. */
export async function takeAuthorizationAskBack({ pool }: StellarContext, { id }: Authorization): Promise<void> {
  await pool.query(
    `update stellar_authorizations set asks = asks - 1 where id = $1 and state = 'open' and signed is null`,
    [id],
  );
}

/** Ends an open authorization; as refused only where nobody has asked for it again meanwhile. */
export async function endAuthorization(
  sql: PoolClient,
  { id }: Pick<Authorization, 'id'>,
  state: Exclude<AuthorizationEnd, 'used'>,
): Promise<void> {
  const { rowCount } = await sql.query(
    `update stellar_authorizations set state = $2, finished_at = now()
     where id = $1 and state = 'open' and ($2 <> 'refused' or asks = 1)`,
    [id, state],
  );
  demandRows(`authorization ${id} to ${state}`, rowCount, 1);
}

/** The ledger has taken it in an envelope of ours, whatever was believed before. */
export async function markUsed(sql: PoolClient, payoutIds: readonly string[]): Promise<void> {
  await sql.query(
    `update stellar_authorizations set state = 'used', finished_at = coalesce(finished_at, now())
     where payout_id = any($1)`,
    [payoutIds],
  );
}

function authorizationOf(row: AuthorizationRow): Authorization {
  return {
    id: row.id,
    payoutId: row.payout_id,
    channel: row.channel,
    nonce: row.nonce,
    expirationLedger: row.expiration_ledger,
    hash: row.hash,
    unsigned: row.unsigned,
    asks: row.asks,
    signed: row.signed ?? undefined,
    unusedAt: row.unused_at,
  };
}
