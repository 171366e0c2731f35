import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import type { Ask } from '../reservation/ask.ts';
import type { Book } from '../reservation/book.ts';
import { reserve } from '../reservation/reserve.ts';
import type { Recorded } from '../signing/recorded.ts';
import type { Begun } from './begin.ts';
import type { Reserving, Unit } from './unit.ts';

export interface Settled {
  readonly granted: readonly Ask[];
  readonly events: readonly AuditEvent[];
  answer(): void;
}

/** Decides each unit in the book, in the order in which they came. */
export function settle({ changed, book, recorded }: Begun, units: readonly Unit[]): Settled {
  const granted: Ask[] = [];
  const events: AuditEvent[] = [];
  const answers: (() => void)[] = [];
  const records = recorded.values();
  const changes = changed.values();
  for (const unit of units) {
    switch (unit.kind) {
      case 'reserve': {
        const earlier = refusable(() => reserveIn(book, unit));
        if (earlier instanceof CountersignError) {
          answers.push(() => unit.reject(earlier));
          break;
        }
        granted.push(unit.ask);
        events.push(unit.eventOf(earlier));
        answers.push(() => unit.resolve(earlier));
        break;
      }
      case 'record': {
        const { value } = records.next();
        if (value === undefined) throw new CountersignError('INTERNAL', 'transactions: expected the reserved row');
        events.push(unit.eventOf(value));
        answers.push(() => unit.resolve(value));
        break;
      }
      case 'change': {
        const { value } = changes.next();
        if (value === undefined) throw new CountersignError('INTERNAL', 'expected the events of a change');
        events.push(...value);
        answers.push(() => unit.resolve());
        break;
      }
      case 'event':
        events.push(unit.event);
        answers.push(() => unit.resolve());
        break;
      default:
        return unit satisfies never;
    }
  }
  return { granted, events, answer: () => answers.forEach((give) => void give()) };
}

function reserveIn(book: Book | undefined, { ask, demandTime }: Reserving): Recorded | undefined {
  demandTime();
  if (book === undefined) throw new CountersignError('INTERNAL', 'expected to have read the book');
  return reserve(book, ask);
}

function refusable<T>(run: () => T): T | CountersignError {
  try {
    return run();
  } catch (error) {
    if (error instanceof CountersignError) return error;
    throw error;
  }
}
