import type { PoolClient } from '@countersign/runtime/postgres';
import { raiseAlarm } from '../alarm.ts';
import { cleanText } from '../clean-text.ts';
import { type Change, demandRows } from '../commit.ts';
import type { PayoutReason } from '../move-payouts.ts';
import { poke } from '../work.ts';
import { channelUnit, intakeUnit, type StellarContext } from './context.ts';

/** A row of stellar_channels. */
export interface Channel {
  readonly address: string;
  /** The last number that the ledger has consumed, as far as is known. */
  readonly sequence: bigint;
  readonly state: 'free' | 'busy' | 'quarantined';
  readonly reason: PayoutReason | undefined;
  /** After a split, how many payouts the next attempt takes. */
  readonly batchLimit: number | undefined;
}

interface ChannelRow {
  readonly address: string;
  readonly sequence: bigint;
  readonly state: Channel['state'];
  readonly reason_code: string | null;
  readonly reason_detail: string | null;
  readonly batch_limit: number | null;
}

const COLUMNS = 'address, sequence, state, reason_code, reason_detail, batch_limit';

export async function readChannel(context: StellarContext, address: string): Promise<Channel | undefined> {
  const { rows } = await context.pool.query<ChannelRow>(
    `select ${COLUMNS} from stellar_channels where chain = $1 and address = $2`,
    [context.chain.chain, address],
  );
  return rows[0] && channelOf(rows[0]);
}

/** All channels of the treasury that are known, those that rested longest first. */
export async function readChannels(context: StellarContext): Promise<Channel[]> {
  const { chain, treasury } = context;
  const { rows } = await context.pool.query<ChannelRow>(
    `select ${COLUMNS} from stellar_channels where chain = $1 and key_id = $2 and address = any($3) order by updated_at`,
    [chain.chain, treasury.key, treasury.channels],
  );
  return rows.map(channelOf);
}

export async function insertChannels(
  context: StellarContext,
  channels: readonly { readonly address: string; readonly sequence: bigint }[],
): Promise<void> {
  await context.pool.query(
    `insert into stellar_channels (chain, address, key_id, sequence)
     select $1, address, $2, sequence from unnest($3::text[], $4::bigint[]) as t (address, sequence)
     on conflict do nothing`,
    [
      context.chain.chain,
      context.treasury.key,
      channels.map(({ address }) => address),
      channels.map(({ sequence }) => sequence),
    ],
  );
}

/** Puts a channel last in the row, so that the next batch tries another one. */
export async function restChannel({ pool, chain }: StellarContext, address: string): Promise<void> {
  await pool.query('update stellar_channels set updated_at = now() where chain = $1 and address = $2', [
    chain.chain,
    address,
  ]);
}

/** Takes a free channel for a batch; `sequence` is its last number on the ledger. */
export async function occupyChannel(
  context: StellarContext,
  sql: PoolClient,
  channel: Channel,
  sequence: bigint,
): Promise<void> {
  const { rowCount } = await sql.query(
    `update stellar_channels set state = 'busy', sequence = $4, updated_at = now()
     where chain = $1 and address = $2 and state = 'free' and sequence = $3`,
    [context.chain.chain, channel.address, channel.sequence, sequence],
  );
  demandRows(`channel ${channel.address} to busy`, rowCount, 1);
  await poke(sql, channelUnit(context.chain.chain, channel.address));
}

/** Holds a busy channel still for a transaction on its next number, if it is where it was seen. */
export async function demandChannel(context: StellarContext, sql: PoolClient, channel: Channel): Promise<void> {
  const { rowCount } = await sql.query(
    `select 1 from stellar_channels where chain = $1 and address = $2 and state = 'busy' and sequence = $3 for update`,
    [context.chain.chain, channel.address, channel.sequence],
  );
  demandRows(`channel ${channel.address} at ${channel.sequence}`, rowCount, 1);
}

/** Stores how far the ledger has consumed the numbers of a channel; never goes back. */
export async function advanceChannel(
  context: StellarContext,
  sql: PoolClient,
  address: string,
  sequence: bigint,
): Promise<void> {
  await sql.query(
    `update stellar_channels set sequence = greatest(sequence, $3), updated_at = now() where chain = $1 and address = $2`,
    [context.chain.chain, address, sequence],
  );
}

/** Frees a busy channel for the next batch; a quarantined one stays where it is. */
export async function freeChannel(context: StellarContext, sql: PoolClient, address: string): Promise<void> {
  await sql.query(
    `update stellar_channels set state = 'free', batch_limit = null, updated_at = now()
     where chain = $1 and address = $2 and state = 'busy'`,
    [context.chain.chain, address],
  );
  await poke(sql, intakeUnit(context.chain.chain, context.treasury.key));
}

/** How many payouts the next attempt takes; null: as many as there are. */
export async function limitBatch(
  context: StellarContext,
  sql: PoolClient,
  address: string,
  limit: number | null,
): Promise<void> {
  await sql.query('update stellar_channels set batch_limit = $3 where chain = $1 and address = $2', [
    context.chain.chain,
    address,
    limit,
  ]);
}

/** Takes a channel out of use until a person frees it, and raises the alarm. */
export async function quarantineChannel(
  context: StellarContext,
  change: Change,
  address: string,
  reason: PayoutReason,
): Promise<void> {
  const { rowCount } = await change.sql.query(
    `update stellar_channels set state = 'quarantined', reason_code = $3, reason_detail = $4, updated_at = now()
     where chain = $1 and address = $2 and state = 'busy'`,
    [context.chain.chain, address, reason.code, cleanText(reason.detail)],
  );
  demandRows(`channel ${address} to quarantined`, rowCount, 1);
  raiseAlarm(context, change, {
    chain: context.chain.chain,
    reason: reason.code,
    detail: reason.detail,
    subject: `channel ${address}`,
  });
}

function channelOf(row: ChannelRow): Channel {
  const { address, sequence, state, reason_code: code, reason_detail: detail, batch_limit } = row;
  return {
    address,
    sequence,
    state,
    reason: code === null ? undefined : { code, detail: detail ?? '' },
    batchLimit: batch_limit ?? undefined,
  };
}

/** Why a transaction waits whose source cannot pay for it. */
export function channelUnderfunded(address: string): PayoutReason {
  return { code: 'CHANNEL_UNDERFUNDED', detail: `${address} cannot pay the fee` };
}
