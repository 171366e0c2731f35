import { parseArgs } from 'node:util';
import { type Command, UsageError } from '../command.ts';
import { timeOf } from '../options.ts';
import { backendRequestIds, type EventQuery, keyIds, matches, outcomeOf, payoutIds } from './event-query.ts';
import { type ExportedEvent, readEvent } from './exported-line.ts';
import { readLines } from './read-lines.ts';
import { unreadable } from './unreadable.ts';

const COLUMNS = ['TIME', 'EVENT', 'OUTCOME', 'REQUEST', 'KEY', 'CALLER', 'PAYOUTS', 'KMS'];
const WIDTHS = [24, 17, 28, 24, 18, 32, 0, 0];

/** Finds events in an exported log. Whether the log is as it was written is the question of `audit verify`. */
export const auditSearchCommand: Command = {
  name: 'audit search',
  parameters:
    'FILE… [--request ID] [--payout ID] [--key ID] [--caller ID] [--kms-request ID] [--since TIME] [--until TIME] [--denied] [--json]',
  summary: 'find events in an exported audit log',
  run: async (args, io) => {
    const { values, positionals: files } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        request: { type: 'string' },
        payout: { type: 'string' },
        key: { type: 'string' },
        caller: { type: 'string' },
        'kms-request': { type: 'string' },
        since: { type: 'string' },
        until: { type: 'string' },
        denied: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    if (files.length === 0) throw new UsageError('expected files');
    const { since, until, json, 'kms-request': kmsRequest, ...rest } = values;
    const query = { ...rest, kmsRequest, since: timeOf('--since', since), until: timeOf('--until', until) };
    let found = 0;
    for (const file of files) {
      for await (const { text, event } of eventsIn(file, query)) {
        if (found === 0 && !json) io.out(row(COLUMNS));
        io.out(json ? `${text}\n` : row(cells(event)));
        found++;
      }
    }
    if (found === 0 && !json) io.err('no such event\n');
    return found > 0 ? 0 : 1;
  },
};

async function* eventsIn(file: string, query: EventQuery): AsyncGenerator<{ text: string; event: ExportedEvent }> {
  try {
    for await (const { text } of readLines(file)) {
      const event = readEvent(text);
      if (event !== undefined && matches(event, query)) yield { text, event };
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

function cells(event: ExportedEvent): string[] {
  const { eventTime, eventName, requestID, userIdentity, errorCode } = event;
  const outcome = [outcomeOf(event), ...(errorCode === undefined ? [] : [errorCode])].join(' ');
  const lists = [payoutIds(event), backendRequestIds(event)].map((ids) => ids.join(','));
  return [eventTime, eventName, outcome, requestID, keyIds(event).join(','), userIdentity.principalId, ...lists];
}

function row(texts: readonly string[]): string {
  const padded = texts.map((text, i) =>
    (text === '' ? '-' : text).replaceAll(/\p{Cc}/gu, '\u{fffd}').padEnd(WIDTHS[i] ?? 0),
  );
  return `${padded.join(' ').trimEnd()}\n`;
}
