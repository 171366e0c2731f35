import { z } from 'zod';
import { KMS_ERRORS, type KmsErrorCode } from './kms-error.ts';

const errorCodes = Object.keys(KMS_ERRORS).filter((code): code is KmsErrorCode => code in KMS_ERRORS);

const tampering = z.enum(['wrong-signature', 'malformed-signature', 'high-s', 'low-s']);
export type Tampering = z.infer<typeof tampering>;

const aim = {
  /** Operations it meets: a name, or `*` for every one. Default `Sign`. */
  operation: z.string().default('Sign'),
  /** Meets only calls that name this key, spelled as in the call. */
  key: z.string().optional(),
  /** How many calls it meets before it is used up; until cleared when absent. */
  times: z.int().positive().optional(),
  /** Ends by itself after so long, ms: a storm, or an outage. */
  forMs: z.number().positive().optional(),
  /** The share of calls it meets, 0 to 1. Default 1. */
  rate: z.number().min(0).max(1).default(1),
};

/**
 * - `error`: answers with that KMS error.
 * - `reset`: closes the connection with a TCP reset, before the operation is done.
 * - `hang`: never answers.
 * - `wrong-signature`: a signature of the same message by another key. `malformed-signature`: its last byte is cut off.
 *   `high-s`, `low-s`: the half of the order that S is in (secp256k1).
 */
const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('error'), code: z.enum(errorCodes), ...aim }),
  z.strictObject({ kind: z.literal('reset'), ...aim }),
  z.strictObject({ kind: z.literal('hang'), ...aim }),
  ...tampering.options.map((kind) => z.strictObject({ kind: z.literal(kind), ...aim })),
]);
type ActiveFault = z.output<typeof faultSchema>;
export type Fault = z.input<typeof faultSchema>;

export const faultStateSchema = z.strictObject({
  /** Added to every answer, ms. */
  latencyMs: z.number().min(0).default(0),
  /** How far the clock of the emulator is ahead of this machine's, ms. */
  clockOffsetMs: z.int().default(0),
  /** Sign and Verify calls a second, shared by all keys; the rest is throttled. Unlimited when absent. */
  quotaPerSecond: z.number().positive().optional(),
  /** Looked at in order; the first that meets the call happens. */
  faults: z.array(faultSchema).default([]),
});
export type FaultState = z.output<typeof faultStateSchema>;

export interface Faults {
  state(): FaultState;
  /** Replaces latency, clock, quota and all faults; what is left out is off. */
  set(state: z.input<typeof faultStateSchema>): void;
  add(fault: Fault): void;
  /** No latency, no clock of its own, no quota, no faults. */
  clear(): void;
  latencyMs(): number;
  /** By the clock of the emulator. */
  now(): Date;
  /** The fault that this call meets, used up by one. */
  take(operation: string, keyReference: unknown): ActiveFault | undefined;
  /** Takes one call out of the quota; false when there is none left. */
  withinQuota(operation: string): boolean;
}

const COUNTED = new Set(['Sign', 'Verify']);

export function createFaults(initial: z.input<typeof faultStateSchema> = {}): Faults {
  let state = faultStateSchema.parse(initial);
  // When each fault that ends by itself does, milliseconds of a clock that never goes back.
  let ends = new Map<ActiveFault, number>();
  let tokens = 0;
  let refilledAt = Number.NEGATIVE_INFINITY;

  const begin = (fault: ActiveFault) => {
    if (fault.forMs !== undefined) ends.set(fault, performance.now() + fault.forMs);
  };
  const endThose = () => {
    if (ends.size === 0) return;
    state.faults = state.faults.filter((fault) => (ends.get(fault) ?? Number.POSITIVE_INFINITY) > performance.now());
    ends = new Map([...ends].filter(([fault]) => state.faults.includes(fault)));
  };
  for (const fault of state.faults) begin(fault);

  const set: Faults['set'] = (next) => {
    state = faultStateSchema.parse(next);
    ends.clear();
    for (const fault of state.faults) begin(fault);
    refilledAt = Number.NEGATIVE_INFINITY;
  };
  return {
    state: () => {
      endThose();
      return structuredClone(state);
    },
    set,
    add(fault) {
      const added = faultSchema.parse(fault);
      state.faults.push(added);
      begin(added);
    },
    clear: () => set({}),
    latencyMs: () => state.latencyMs,
    now: () => new Date(Date.now() + state.clockOffsetMs),
    take(operation, keyReference) {
      endThose();
      const meets = (fault: ActiveFault) =>
        (fault.operation === '*' || fault.operation === operation) &&
        (fault.key === undefined || fault.key === keyReference) &&
        (fault.rate === 1 || Math.random() < fault.rate);
      const fault = state.faults.find(meets);
      if (fault?.times !== undefined) {
        fault.times -= 1;
        if (fault.times === 0) state.faults.splice(state.faults.indexOf(fault), 1);
      }
      return fault;
    },
    withinQuota(operation) {
      const { quotaPerSecond } = state;
      if (quotaPerSecond === undefined || !COUNTED.has(operation)) return true;
      const now = performance.now();
      tokens = Math.min(quotaPerSecond, tokens + ((now - refilledAt) / 1000) * quotaPerSecond);
      refilledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
