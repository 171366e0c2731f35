import { type ChainRow, verifyChain } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import type { SignerClient } from '@countersign/contract/grpc';
import type { SignTransactionRequest, SignTransactionResponse } from '@countersign/contract/signer';
import { createPool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditRows } from '../harness/audit.ts';
import { refusalOf } from '../harness/refusals.ts';
import { evmRequest, stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { spawnMortalSigner } from './mortal-signer.ts';

const STAGES = ['authenticate', 'decode', 'match', 'decide', 'reserve', 'sign', 'verify', 'record'] as const;
const BOUNDARIES = ['before authenticate', ...STAGES.map((stage) => `after ${stage}`)];
const AT_ONCE = 24;
/** The arrival that kills: some requests are through by then, some at every stage, some not begun. */
const FATAL = 20;

let world: SignerWorld;
let survivor: Replica;
let sequence = 0n;
let nonce = 0n;

beforeAll(async () => {
  world = await openSignerWorld();
  survivor = await world.start({ name: 'survivor' });
}, 60_000);
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Requests of one round: payments on Stellar, several to a transaction, and one EVM transaction among them. */
function requestsOf(round: number): SignTransactionRequest[] {
  const stellar = Array.from({ length: 3 * AT_ONCE }, (_, i) => {
    sequence += 1n;
    const payouts = Array.from({ length: 1 + (i % 3) }, (_, k) => ({ id: `po_${round}_${i}_${k}` }));
    return stellarRequest(world, payouts, { sequence });
  });
  const evm = evmRequest(world, { id: `po_${round}_evm` }, { nonce }, { lowestOpenNonce: nonce });
  nonce += 1n;
  return stellar.toSpliced(FATAL / 2, 0, evm);
}

/** Asks with so many in flight, until the signer is gone. @returns what was answered, by request id. */
async function ask(client: SignerClient, requests: readonly SignTransactionRequest[]) {
  const answered = new Map<string, SignTransactionResponse>();
  const queue = requests.values();
  const callers = Array.from({ length: AT_ONCE }, async () => {
    for (const request of queue) answered.set(request.requestId, await client.signTransaction(request));
  });
  await Promise.allSettled(callers);
  return answered;
}

interface Signed {
  readonly signature_sha256: string;
}

async function rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const pool = createPool({ url: world.postgres.urls.signer, max: 1 });
  try {
    return (await pool.query<Row>(sql, values)).rows;
  } finally {
    await pool.end();
  }
}

const named = (chain: readonly ChainRow[], name: string): AuditEvent[] =>
  chain.map(({ event }) => event).filter(({ eventName, errorCode }) => eventName === name && errorCode === undefined);
const signCalls = () => world.kms.events().filter(({ eventName }) => eventName === 'Sign').length;

describe.each(BOUNDARIES.map((boundary, round) => [boundary, round] as const))('a signer killed %s', (at, round) => {
  const name = `mortal-${round}`;
  let requests: SignTransactionRequest[];
  let answered: Map<string, SignTransactionResponse>;
  let chain: ChainRow[];
  let signedByKms: number;

  beforeAll(async () => {
    requests = requestsOf(round);
    const before = signCalls();
    await using signer = await spawnMortalSigner(world, name, at, FATAL);
    answered = await ask(world.connect(signer), requests);
    await signer.died;
    signedByKms = signCalls() - before;
    chain = await auditRows(world, name);
  }, 60_000);

  test('died under way: not everything was answered', () => {
    expect(answered.size).toBeLessThan(requests.length);
    expect(chain.length).toBeGreaterThan(1);
  });

  test('left its chain intact, and no call to KMS without an intent before it', () => {
    expect(verifyChain(chain)).toMatchObject({ ok: true });
    expect(signedByKms).toBeLessThanOrEqual(named(chain, 'ReserveSignature').length);
  });

  test('gave no signature, and recorded none, without an event', async () => {
    const told = new Set(
      named(chain, 'SignTransaction').map(({ responseElements }) => responseElements?.['signatureSha256']),
    );
    const recorded = await rows<Signed>(
      `select encode(sha256(signature), 'hex') as signature_sha256 from transactions
       where signature is not null and payout_ids[1] like $1`,
      [`po\\_${round}\\_%`],
    );
    expect(recorded.filter(({ signature_sha256: hash }) => !told.has(hash))).toEqual([]);
    expect(recorded.length).toBeGreaterThanOrEqual(answered.size);
  });

  test('kept its reservations: no payout of them moves to another lane', async () => {
    const reserved = named(chain, 'ReserveSignature').map(({ requestID }) => requestID);
    const [first] = requests.filter(
      ({ requestId, transaction }) => reserved.includes(requestId) && transaction.case === 'stellar',
    );
    if (first === undefined) {
      expect(['before authenticate', 'after authenticate', 'after decode', 'after match', 'after decide']).toContain(
        at,
      );
      return;
    }
    const moved = stellarRequest(
      world,
      first.payouts.map(({ payoutId: id }) => ({ id })),
      { sequence: 100_000n },
    );
    expect(await refusalOf(survivor.client.signTransaction(moved))).toBe('PAYOUT_BOUND OTHER_LANE');
  });

  test('is stood in for: the same requests are answered, and the answered ones the same', async () => {
    const again = await ask(survivor.client, requests);
    expect(again.size).toBe(requests.length);
    for (const [id, { replayed: _, ...answer }] of answered)
      expect(again.get(id)).toEqual({ ...answer, replayed: true });
    expect(verifyChain(await auditRows(world, 'survivor'))).toMatchObject({ ok: true });
  });
});
