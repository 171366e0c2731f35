import type { Change } from './commit.ts';
import type { EngineContext } from './context.ts';

/** Something is wrong that only a person can judge: counted and logged once the change that sets it aside is committed. */
export function raiseAlarm(
  context: EngineContext,
  { afterwards }: Pick<Change, 'afterwards'>,
  alarm: { readonly chain: string; readonly reason: string; readonly detail: string; readonly subject: string },
): void {
  afterwards(() => {
    context.metrics.alarms.inc({ chain: alarm.chain, reason: alarm.reason });
    context.log.error(alarm, 'set aside for a person to look at');
  });
}
