import { type ChainRow, verifyChain } from '@countersign/audit/chain';
import type { Asked } from './asked.ts';
import { transactionKey } from './bindings.ts';
import { competingOf } from './decoded.ts';
import { payoutsOf } from './recipe.ts';
import type { Run } from './run.ts';
import { nameOf } from './system.ts';
import type { World } from './world.ts';

interface Row {
  readonly keyId: string;
  readonly hash: string;
  readonly payoutIds: readonly string[];
  readonly signature: string | null;
  readonly signed: Uint8Array | null;
}

/** What the database, the answers and the custody's own list say at the end, each against the others. */
export async function checkEvidence(world: World, { system, model, answered }: Run): Promise<string[]> {
  const { rows } = await system.database.pool.query<Row>(
    `select key_id as "keyId", encode(signing_hash, 'hex') as hash, payout_ids as "payoutIds",
       encode(signature, 'hex') as signature, signed_transaction as signed from transactions`,
  );
  const chains = await Promise.all([0, 1].map((replica) => chainOf(system, nameOf(replica))));
  // Two keys may be asked to sign the same bytes: an EVM transaction does not say whose it is.
  const asked = new Map(answered.map((one) => [transactionKey(one.asked), one.asked]));
  return [
    ...lanes(rows, asked),
    ...signatures(rows, answered),
    ...[...system.custody.signed]
      .filter((what) => !rows.some(({ keyId, hash }) => what === `${keyId} ${hash}`))
      .map((what) => `signed and never reserved: ${what}`),
    ...world.evm.flatMap(({ keyId }) =>
      model.nonces.gaps(keyId).map((nonce) => `${keyId}: nonce ${nonce} was left out`),
    ),
    ...chains.flatMap((chain) => {
      const verified = verifyChain(chain);
      return verified.ok ? [] : [`${chain[0]?.chain}: ${verified.sequence}: ${verified.problem}`];
    }),
    ...events(rows, answered, chains.flat()),
  ];
}

/** Of each payout id, all that was ever signed: one lane, and one authorization. */
function lanes(rows: readonly Row[], asked: ReadonlyMap<string, Asked>): string[] {
  const found = new Map<string, { readonly lanes: Set<string>; readonly authorizations: Set<string> }>();
  for (const { keyId, hash, signed, payoutIds } of rows) {
    const one = asked.get(`${keyId} ${hash}`);
    const kind = one?.request.transaction.case;
    const address = one?.recipe.account.address;
    if (signed === null || kind === undefined || address === undefined) continue;
    const { lane, authorization } = competingOf(kind, signed, address);
    for (const id of payoutIds) {
      const competing = found.get(id) ?? { lanes: new Set(), authorizations: new Set() };
      found.set(id, competing);
      competing.lanes.add(lane);
      if (authorization !== undefined) competing.authorizations.add(authorization);
    }
  }
  return [...found]
    .filter(([, { lanes, authorizations }]) => lanes.size > 1 || authorizations.size > 1)
    .map(([id, { lanes, authorizations }]) => `${id} may be paid twice: ${[...lanes, ...authorizations].join(', ')}`);
}

/** Every answer is the one on record, for the payouts that it was asked for. */
function signatures(rows: readonly Row[], answered: Run['answered']): string[] {
  const recorded = new Map(rows.map((row) => [`${row.keyId} ${row.hash}`, row]));
  return answered.flatMap(({ signed, asked }) => {
    if (signed === undefined) return [];
    const row = recorded.get(transactionKey(asked));
    const ids = payoutsOf(asked.recipe).map(({ id }) => id);
    const same =
      row?.signature === signed.signature &&
      row.signed !== null &&
      Buffer.compare(row.signed, signed.transaction) === 0 &&
      row.payoutIds.join() === ids.sort().join();
    return same ? [] : [`${asked.requestId}: answered with what is not on record`];
  });
}

/** Every reservation and every signature has its event, and every request has one that ends it. */
function events(rows: readonly Row[], answered: Run['answered'], chain: readonly ChainRow[]): string[] {
  const reserved = new Set<unknown>();
  const ended = new Map<string, number>();
  const signed = new Set<unknown>();
  for (const { event } of chain) {
    if (event.eventName === 'ReserveSignature') reserved.add(event.requestParameters?.['signingHash']);
    if (event.eventName !== 'SignTransaction') continue;
    ended.set(event.requestID, (ended.get(event.requestID) ?? 0) + 1);
    if (event.errorCode === undefined) signed.add(event.requestParameters?.['signingHash']);
  }
  const asked = new Map<string, number>();
  for (const { asked: one, words } of answered) {
    if (words !== 'STORE_UNAVAILABLE') asked.set(one.requestId, (asked.get(one.requestId) ?? 0) + 1);
  }
  return [
    ...rows.filter(({ hash }) => !reserved.has(hash)).map(({ hash }) => `${hash}: reserved without an event`),
    ...rows
      .filter((row) => row.signature !== null && !signed.has(row.hash))
      .map(({ hash }) => `${hash}: signed without an event`),
    ...[...asked].filter(([id, times]) => (ended.get(id) ?? 0) < times).map(([id]) => `${id}: ended without an event`),
  ];
}

async function chainOf({ database: { pool } }: Run['system'], chain: string): Promise<ChainRow[]> {
  const { rows } = await pool.query<ChainRow>(
    `select chain_id as chain, sequence, previous_hash as "previousHash", hash, event from audit_events
     where chain_id = $1 order by sequence`,
    [chain],
  );
  return rows;
}
