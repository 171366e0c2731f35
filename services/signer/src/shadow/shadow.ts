import type { RegisteredKey } from '@countersign/custody/registry';
import type { Logger } from '@countersign/runtime/log';
import { createTokenBucket, type TokenBucket } from '@countersign/runtime/token-bucket';
import type { SignerMetrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';
import { askBackend, type ShadowResult } from './ask-backend.ts';
import { shadowEvent } from './shadow-event.ts';
import type { Shadowed } from './shadowed.ts';

/** Tries a key's new custody beside its old one. Nothing that happens here touches an answer. */
export interface Shadow extends AsyncDisposable {
  compare(shadowed: Shadowed): void;
}

export interface ShadowOptions {
  readonly store: Store;
  readonly metrics: Pick<SignerMetrics, 'shadows' | 'stages'>;
  readonly log: Logger;
  readonly clock: () => Date;
  readonly timeoutMs: number;
}

// The share of a backend's quota, and of the database, that trying it may take: what is beyond is passed over.
const MOST_AT_ONCE = 4;
const RATE = { perSecond: 5, burst: 10 };
const KEPT_DAYS = 90;

export function createShadow({ store, metrics, log, clock, timeoutMs }: ShadowOptions): Shadow {
  const underWay = new Set<Promise<void>>();
  const buckets = new Map<string, TokenBucket>();
  const closing = new AbortController();
  const count = (key: RegisteredKey, outcome: ShadowResult['outcome'] | 'skipped') =>
    metrics.shadows.inc({ key: key.id, outcome });

  const hasTurn = ({ id }: RegisteredKey): boolean => {
    if (closing.signal.aborted || underWay.size >= MOST_AT_ONCE) return false;
    const bucket = buckets.get(id) ?? createTokenBucket(RATE);
    buckets.set(id, bucket);
    return bucket.take();
  };

  /** As for every signature: an event first, so that none is made without one; and none is made for a frozen key. */
  const begin = async (shadowed: Shadowed): Promise<boolean> => {
    let isFrozen = false;
    await store.change(async (client) => {
      const { rows } = await client.query<{ frozen: boolean }>(
        'select frozen_at is not null as frozen from keys where key_id = $1 for share',
        [shadowed.key.id],
      );
      isFrozen = rows[0]?.frozen ?? true;
      return isFrozen ? [] : [shadowEvent(shadowed, clock())];
    });
    return !isFrozen;
  };

  const run = async (shadowed: Shadowed): Promise<void> => {
    const { key, legacyMs, backend } = shadowed;
    if (!(await begin(shadowed))) return void count(key, 'skipped');
    const result = await askBackend(shadowed, AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]));
    const { outcome, durationMs, errorCode } = result;
    // One that the end of this process has cut off says nothing of the backend.
    const isCutOff = closing.signal.aborted && outcome === 'failed';
    count(key, isCutOff ? 'skipped' : outcome);
    if (isCutOff) return store.leave(shadowEvent(shadowed, clock(), result));
    metrics.stages.observe({ stage: 'shadow', custody: 'kms', outcome: SEEN_AS[outcome] }, durationMs / 1000);
    if (outcome === 'disagreed') log.error({ key: key.id, errorCode }, 'shadow signature does not verify');
    await store.change(async (client) => {
      await client.query(
        `insert into shadow_signatures (key_id, backend, outcome, error_code, legacy_us, shadow_us) values ($1, $2, $3, $4, $5, $6)`,
        [key.id, backend.name, outcome, errorCode, ...[legacyMs, durationMs].map((ms) => Math.round(ms * 1000))],
      );
      await client.query('delete from shadow_signatures where key_id = $1 and at < now() - make_interval(days => $2)', [
        key.id,
        KEPT_DAYS,
      ]);
      return [shadowEvent(shadowed, clock(), result)];
    });
  };

  return {
    compare(shadowed) {
      const { key } = shadowed;
      if (!hasTurn(key)) return void count(key, 'skipped');
      const running = run(shadowed)
        .catch((err: unknown) => log.warn({ err, key: key.id }, 'shadow signature not recorded'))
        .finally(() => underWay.delete(running));
      underWay.add(running);
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}

const SEEN_AS = { agreed: 'succeeded', disagreed: 'failed', failed: 'failed' } as const satisfies Record<
  ShadowResult['outcome'],
  string
>;
