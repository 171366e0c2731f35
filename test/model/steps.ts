import fc from 'fast-check';

/** One request, as it is drawn: numbers that are read against whatever there is by then. */
export type Step = {
  readonly replica: number;
  readonly caller: number;
  /** How the key's custody fails this time, if it does. */
  readonly fault: Fault | undefined;
} & Intent;

export type Intent =
  | {
      readonly kind: 'pay';
      readonly rail: 'classic' | 'authorization' | 'evm';
      readonly account: number;
      readonly channel: number;
      readonly amounts: readonly number[];
      /** Begins the next range of the channel, leaves a gap before the nonce. */
      readonly jump: boolean;
    }
  | { readonly kind: 'again'; readonly pick: number; readonly newRequestId: boolean }
  | { readonly kind: 'alter'; readonly pick: number; readonly how: Alteration }
  /** One more envelope around the first authorization. */
  | { readonly kind: 'wrap' }
  /** A request id of before, for something new. */
  | { readonly kind: 'reuse'; readonly pick: number }
  | { readonly kind: 'flawed'; readonly tooMuch: boolean };

export const ALTERATIONS = [
  'lane',
  'next',
  'amount',
  'destination',
  'key',
  'join',
  'other payouts',
  'more fee',
  'less fee',
  'cancel',
  'take lane',
  'other rail',
  'expiration',
  'envelope',
  'report',
] as const;
export type Alteration = (typeof ALTERATIONS)[number];

export const FAULTS = ['refused', 'unavailable', 'hangs', 'lost', 'wrong'] as const;
/** `lost`: a signature is made and does not arrive. `wrong`: what arrives is none. */
export type Fault = (typeof FAULTS)[number];

export type Event =
  | { readonly kind: 'none' }
  /** A newer policy, for both replicas or for one: then the other is behind until the next such event. */
  | {
      readonly kind: 'policy';
      readonly both: boolean;
      readonly replica: number;
      readonly limits: readonly LimitsDrawn[];
    }
  | { readonly kind: 'freeze'; readonly key: number }
  | { readonly kind: 'crash'; readonly replica: number; readonly restart: boolean };

/** Limits of one key: 0 is no window. */
export interface LimitsDrawn {
  readonly short: number;
  readonly long: number;
  readonly count: number;
  readonly fees: number;
}

/** Steps that run together, while the event happens; the time that has passed before; or steps one by one. */
export interface Round {
  readonly seconds: number;
  readonly event: Event;
  readonly alone: readonly Step[];
  readonly together: readonly Step[];
}

const amount = fc.integer({ min: 1, max: 1_000 });
// Most are about what was asked for lately.
const pick = fc.oneof({ weight: 3, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(4_000) });

const intent: fc.Arbitrary<Intent> = fc.oneof(
  { withCrossShrink: true },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      rail: fc.constantFrom('classic', 'classic', 'classic', 'authorization', 'evm'),
      account: fc.nat(1),
      channel: fc.nat(2),
      amounts: fc.array(amount, { minLength: 1, maxLength: 3 }),
      jump: fc.nat(19).map((n) => n === 19),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('again' as const), pick, newRequestId: fc.boolean() }) },
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant('alter' as const), pick, how: fc.constantFrom(...ALTERATIONS) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'wrap' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reuse' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flawed' as const), tooMuch: fc.boolean() }) },
);

const step: fc.Arbitrary<Step> = fc
  .tuple(intent, fc.nat(1), fc.nat(9), fc.nat(59))
  .map(([drawn, replica, caller, fault]) => ({
    ...drawn,
    replica,
    caller: caller === 9 ? 1 : 0,
    fault: FAULTS[fault],
  }));

const limits: fc.Arbitrary<LimitsDrawn> = fc.record({
  short: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 })),
  long: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 })),
  count: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 })),
  fees: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
});

const event: fc.Arbitrary<Event> = fc.oneof(
  { withCrossShrink: true },
  { weight: 6, arbitrary: fc.constant({ kind: 'none' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('policy' as const),
      both: fc.nat(2).map((n) => n > 0),
      replica: fc.nat(1),
      limits: fc.array(limits, { minLength: 4, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('freeze' as const), key: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), replica: fc.nat(1), restart: fc.boolean() }),
  },
);

const round: fc.Arbitrary<Round> = fc.record({
  seconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90 }), fc.constantFrom(60, 600)),
  event,
  alone: fc.array(step, { maxLength: 4, size: 'max' }),
  together: fc.array(step, { maxLength: 400, size: 'max' }),
});

export const rounds: fc.Arbitrary<readonly Round[]> = fc.array(round, { minLength: 1, maxLength: 20, size: 'max' });
