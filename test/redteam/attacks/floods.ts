import { once } from 'node:events';
import { beginCall, rawHttp2, rawTls } from '../../harness/raw-http2.ts';
import { refusalOf } from '../../harness/refusals.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { stellar } from '../forge/requests.ts';

type Steps = (t: Attacker) => Promise<string>;

const SIGN = '/countersign.signer.v1.SignerService/SignTransaction';

/** Every answer that came, once each. */
async function answers(asked: readonly Promise<string>[]): Promise<string> {
  return [...new Set(await Promise.all(asked))].sort().join(', ');
}

/** Many at once against a replica with these limits, each over a connection of its own where that matters. */
async function flood(t: Attacker, env: Record<string, string>, { calls = 24, connections = 1 } = {}): Promise<string> {
  const { signer } = await t.replicas.get(`flooded-${t.payout().replace('_', '-')}`, { env });
  const clients = Array.from({ length: connections }, () => t.world.connect(signer));
  const asked = Array.from({ length: calls }, (_, i) => {
    const client = clients[i % clients.length];
    return client === undefined ? Promise.resolve('') : refusalOf(client.signTransaction(stellar(t)));
  });
  const outcome = await answers(asked);
  for (const client of clients) client.close();
  return outcome;
}

/** Beside the attacker somebody else asks, who is served. */
async function neighbour(t: Attacker, env: Record<string, string>): Promise<string> {
  const name = `flooded-${t.payout().replace('_', '-')}`;
  const { signer, client } = await t.replicas.get(name, { env });
  const certificate = await t.world.pki.issue({ name: 'other', uris: ['spiffe://countersign.dev/attacker'] });
  const attacker = t.world.connect(signer, { caFile: t.world.pki.apiCaFile, ...certificate });
  const flooding = answers(Array.from({ length: 50 }, () => refusalOf(attacker.signTransaction(stellar(t)))));
  const served = await refusalOf(client.signTransaction(stellar(t)));
  return `${(await flooding).includes('THROTTLED') ? 'throttled' : await flooding}; the API: ${served}`;
}

const CALLS = 'limits of calls';

/** Keep the signer from serving. What is asked is right, and there is too much of it. */
export const FLOODS = attacks<Steps>('wall', 'C6', (steps) => steps, [
  [
    'flood-rate',
    'more calls in a moment than one caller may make',
    CALLS,
    'THROTTLED CALLS_PER_SECOND, signed',
    (t) => flood(t, { WALL_RATE_PER_SECOND: '1', WALL_RATE_BURST: '5' }),
  ],
  [
    'flood-in-flight',
    'more calls at once than one caller may have, over eight connections',
    CALLS,
    'THROTTLED CALLS_IN_FLIGHT, signed',
    async (t) => {
      t.world.kms.faults.set({ latencyMs: 300 });
      try {
        return await flood(t, { WALL_MAX_IN_FLIGHT: '2' }, { connections: 8 });
      } finally {
        t.world.kms.faults.clear();
      }
    },
  ],
  [
    'flood-neighbour',
    'a flood by another caller of the same CA',
    CALLS,
    'throttled; the API: signed',
    (t) => neighbour(t, { WALL_RATE_PER_SECOND: '1', WALL_RATE_BURST: '5' }),
  ],
  [
    'flood-resets',
    '1,000 calls, each taken back at once (CVE-2023-44487)',
    CALLS,
    'in service',
    (t) =>
      t.disturb(async (port) => {
        const session = await rawHttp2(t.world, { port });
        for (let i = 0; i < 1_000 && !session.destroyed; i++) beginCall(session, SIGN).close(8);
        session.destroy();
        return 'in service';
      }),
  ],
  [
    'flood-holders',
    '100 calls whose message does not come',
    CALLS,
    'in service',
    (t) =>
      t.disturb(async (port) => {
        const session = await rawHttp2(t.world, { port });
        for (let i = 0; i < 100; i++) beginCall(session, SIGN).write(Buffer.of(0, 0, 0, 1, 0));
        const { client } = await t.replicas.get('one');
        await client.listKeys();
        session.destroy();
        return 'in service';
      }),
  ],
  [
    'flood-connections',
    '100 connections that say nothing',
    CALLS,
    'in service',
    (t) =>
      t.disturb(async (port) => {
        const sockets = await Promise.all(Array.from({ length: 100 }, () => rawTls(t.world, { port })));
        const { client } = await t.replicas.get('one');
        await client.listKeys();
        for (const socket of sockets) socket.destroy();
        return 'in service';
      }),
  ],
  [
    'flood-garbage',
    'bytes that are no HTTP/2, inside TLS',
    CALLS,
    'closed',
    (t) =>
      t.disturb(async (port) => {
        const socket = await rawTls(t.world, { port });
        socket.write(Buffer.alloc(4096, 0x47));
        socket.resume();
        await once(socket, 'close');
        return 'closed';
      }),
  ],
]);

export const DENIALS = attacks<Steps>('wall', 'C8', (steps) => steps, [
  [
    'flood-denials',
    'refusals by the hundred, to fill the audit log',
    'a budget of denials',
    'at most 10 events, and a payout is signed',
    async (t) => {
      const { client } = await t.replicas.get('denials', {
        env: { WALL_DENIALS_PER_SECOND: '1', WALL_DENIALS_BURST: '5' },
      });
      const events = await t.events(async () => {
        for (let i = 0; i < 200; i += 20) {
          await Promise.all(Array.from({ length: 20 }, () => t.ask({ ...stellar(t), payouts: [] }, client)));
        }
      });
      const told = events.filter(({ errorCode }) => errorCode === 'TRANSACTION_MISMATCH').length;
      return `${told <= 10 ? 'at most 10' : told} events, and a payout is ${await t.ask(stellar(t), client)}`;
    },
  ],
]);
