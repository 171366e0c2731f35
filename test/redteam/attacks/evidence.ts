import { join } from 'node:path';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { evm, stellar } from '../forge/requests.ts';

type Steps = (t: Attacker) => Promise<string>;

/** Against signers whose Stellar key an operator froze, after `before` was signed. */
const frozen =
  (ask: (t: Attacker, before: ReturnType<typeof stellar>) => Promise<string>): Steps =>
  async (t) => {
    await using attacker = await t.afresh('plain');
    const before = stellar(attacker);
    await attacker.prepare(before);
    await attacker.operate('freeze', 'treasury-stellar', '--reason', 'red team');
    return await ask(attacker, before);
  };

const FROZEN = 'KEY_FROZEN KEY_FROZEN';

export const FREEZE = attacks<Steps>('lanes', 'C21', (steps) => steps, [
  [
    'frozen-key',
    'a payment by a key that was frozen a moment ago',
    'frozen keys',
    FROZEN,
    frozen((t) => t.sign(stellar(t))),
  ],
  [
    'frozen-replay',
    'a signature of before, from the record',
    'frozen keys',
    FROZEN,
    frozen((t, before) => t.sign(before)),
  ],
  [
    'frozen-replica',
    'the same at a replica that nobody told',
    'frozen keys',
    FROZEN,
    frozen(async (t) => t.sign(stellar(t), (await t.replicas.get('two')).client)),
  ],
  [
    'frozen-other',
    'freezing one key to stop the other too',
    'frozen keys',
    'signed',
    frozen(async (t) => t.sign(await evm(t))),
  ],
]);

export const EVIDENCE = attacks<Steps>('database', 'C28', (steps) => steps, [
  [
    'evidence-full',
    'a full disk for the audit log, and then payouts that leave no trace',
    'an exported log',
    'AUDIT_BEHIND',
    async (t) => {
      const env = { AUDIT_FILE: '/dev/full', AUDIT_MAX_LAG_EVENTS: '1' };
      const { client } = await t.replicas.get('full', { env });
      await client.listKeys();
      return t.sign(stellar(t), client);
    },
  ],
]);

export const RESTORED = attacks<Steps>('database', 'C29', (steps) => steps, [
  [
    'evidence-forgotten',
    'a database that has forgotten what was signed: each payout once more',
    'a database not behind its log',
    'does not start: the database is behind what AUDIT_FILE says',
    async (t) => {
      const AUDIT_FILE = join(t.world.dir, `redteam-${t.payout()}.jsonl`);
      {
        await using earlier = await t.afresh('plain');
        const { client } = await earlier.replicas.get('logged', { env: { AUDIT_FILE } });
        await earlier.prepare(stellar(earlier), client);
      }
      const message = await t.start({ AUDIT_FILE });
      const words = 'the database is behind what AUDIT_FILE says';
      return message.includes(words) ? `does not start: ${words}` : message;
    },
  ],
]);
