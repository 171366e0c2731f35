import { z } from 'zod';

/**
 * What can be made to go wrong. On the wire, for any call: `reset` closes the connection unanswered, `hang` never
 * answers, `slow` answers late, `status` answers with an HTTP error, `error` with a JSON-RPC error under HTTP 200,
 * `cut` does the work and then closes the connection. For `sendTransaction` alone: `lose` answers as usual but forgets
 * the transaction, `hold` queues it but keeps ledgers from including it until that many others have closed.
 */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('slow'), ms: z.int().positive() }),
  z.strictObject({ kind: z.literal('status'), status: z.int().min(400).max(599), body: z.string().optional() }),
  z.strictObject({ kind: z.literal('error'), code: z.int(), message: z.string() }),
  z.strictObject({ kind: z.literal('cut') }),
  z.strictObject({ kind: z.literal('lose') }),
  z.strictObject({ kind: z.literal('hold'), ledgers: z.union([z.int().positive(), z.literal('forever')]) }),
]);

export const faultRuleSchema = z.strictObject({
  fault: faultSchema,
  /** Only calls of this method; all when left out. */
  method: z.string().optional(),
  /** How often; until cleared when left out. */
  times: z.int().positive().optional(),
});

export type Fault = z.infer<typeof faultSchema>;
export type SubmissionFault = Extract<Fault, { kind: 'lose' | 'hold' }>;
export type WireFault = Exclude<Fault, SubmissionFault>;
export type FaultRule = z.infer<typeof faultRuleSchema>;

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  list(): FaultRule[];
  /** The next fault for a call of this method, counted as used. */
  takeWire(method: string): WireFault | undefined;
  /** The next fault for a submitted transaction, counted as used. */
  takeSubmission(): SubmissionFault | undefined;
}

export function createFaults(): Faults {
  let rules: FaultRule[] = [];
  const take = (rule: FaultRule) => {
    const { times } = rule;
    if (times === undefined) return;
    const left = times === 1 ? [] : [{ ...rule, times: times - 1 }];
    rules = rules.flatMap((other) => (other === rule ? left : [other]));
  };
  return {
    add: (rule) => void rules.push(rule),
    clear: () => {
      rules = [];
    },
    list: () => [...rules],
    takeWire: (method) => {
      for (const rule of rules) {
        const { fault } = rule;
        if (isSubmissionFault(fault) || (rule.method !== undefined && rule.method !== method)) continue;
        take(rule);
        return fault;
      }
      return undefined;
    },
    takeSubmission: () => {
      for (const rule of rules) {
        const { fault } = rule;
        if (!isSubmissionFault(fault)) continue;
        take(rule);
        return fault;
      }
      return undefined;
    },
  };
}

function isSubmissionFault(fault: Fault): fault is SubmissionFault {
  return fault.kind === 'lose' || fault.kind === 'hold';
}
