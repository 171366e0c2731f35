import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { type Command, UsageError } from '../command.ts';
import { withSignerDatabase } from '../signer-database.ts';
import { setFrozen } from './set-frozen.ts';

const PARAMETERS = 'KEY --reason TEXT [--by NAME]';

/** Nothing more is reserved for a key until that is lifted, whatever its policy says; on every replica, at once. */
export const freezeCommand = freezing('freeze', true, 'stop a key: nothing more is reserved for it');
export const unfreezeCommand = freezing('unfreeze', false, 'let a frozen key sign again');

function freezing(name: string, frozen: boolean, summary: string): Command {
  return {
    name,
    parameters: PARAMETERS,
    summary: `${summary} (DATABASE_URL: the signer’s)`,
    run: async (args, io) => {
      const { values, positionals } = parseArgs({
        args: [...args],
        options: { reason: { type: 'string' }, by: { type: 'string' } },
        allowPositionals: true,
      });
      const [key, ...more] = positionals;
      if (key === undefined || more.length > 0) throw new UsageError('expected one key id');
      const { reason = '', by: operator = userInfo().username } = values;
      if (reason.trim() === '') throw new UsageError('--reason: expected why, for the audit log');
      const result = await withSignerDatabase(io, (pool) => setFrozen(pool, { key, frozen, reason, operator }));
      io.out(`${key}: ${result === 'done' ? (frozen ? 'frozen' : 'signs again') : result}\n`);
      return result === 'no such key' ? 1 : 0;
    },
  };
}

/** Which keys are frozen, since when and why. */
export const frozenCommand: Command = {
  name: 'frozen',
  parameters: '',
  summary: 'list the keys that are frozen (DATABASE_URL: the signer’s)',
  run: async (_args, io) => {
    const { rows } = await withSignerDatabase(io, (pool) =>
      pool.query<{ key_id: string; frozen_at: Date; frozen_reason: string }>(
        'select key_id, frozen_at, frozen_reason from keys where frozen_at is not null order by key_id',
      ),
    );
    for (const row of rows) io.out(`${row.key_id}  since ${row.frozen_at.toISOString()}: ${row.frozen_reason}\n`);
    if (rows.length === 0) io.out('no key is frozen\n');
    return 0;
  },
};
