import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError, type ErrorCode } from '@countersign/contract/errors';
import type { SignTransactionRequest } from '@countersign/contract/signer';
import { asCountersignError } from '../as-countersign-error.ts';
import { shown } from '../audit/shown.ts';
import { attemptsOf, signingEvent } from '../audit/signing-event.ts';
import type { Call, SignerContext } from '../context.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import type { Findings, StageName, StageResults } from './findings.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { signingPath } from './sign.ts';

/** Follows one request: times its stages, writes its audit events, counts how it ended. */
export interface Trail {
  stage<K extends StageName>(name: K, run: () => StageResults[K] | Promise<StageResults[K]>): Promise<StageResults[K]>;
  /** A stage that writes to the database; the event of what came of it is part of the same commit. */
  commit<K extends StageName>(
    name: K,
    run: (eventOf: (result: StageResults[K]) => AuditEvent) => Promise<StageResults[K]>,
  ): Promise<StageResults[K]>;
  /** Writes the event of a refusal in a commit of its own. @returns the error for the caller. */
  refuse(error: unknown): Promise<CountersignError>;
  close(): void;
}

/** Refusals by policy: what a transaction is, whom it lacks, and what was spent before it. */
const POLICY_CODES: ReadonlySet<ErrorCode> = new Set(['POLICY_DENIED', 'APPROVAL_REQUIRED', 'LIMIT_REACHED']);

export function openTrail(
  context: SignerContext,
  { policy, digest }: PolicyInForce,
  call: Call,
  request: SignTransactionRequest,
): Trail {
  const { store, metrics, log, clock, paths } = context;
  const results: { [K in StageName]?: StageResults[K] | undefined } = {};
  const timings: Partial<Record<StageName, number>> = {};
  const findings: Findings = { request, call, at: clock(), policyDigest: digest, results, timings };
  let refusal: CountersignError | undefined;

  const stage: Trail['stage'] = async (name, run) => {
    const custody = name === 'sign' && results.decode ? signingPath(paths, results.decode.key.id) : 'none';
    const start = performance.now();
    let ended: Outcome = 'succeeded';
    try {
      const result = await run();
      results[name] = result;
      return result;
    } catch (error) {
      ended = outcomeOf(error);
      throw error;
    } finally {
      const elapsed = performance.now() - start;
      timings[name] = elapsed;
      metrics.stages.observe({ stage: name, custody, outcome: ended }, elapsed / 1000);
    }
  };

  return {
    stage,
    commit: (name, run) =>
      stage(name, () =>
        run((result) => {
          results[name] = result;
          return signingEvent(findings);
        }),
      ),
    refuse: async (error) => {
      const known = asCountersignError(error);
      refusal = known;
      const about = { requestId: shown(request.requestId), keyId: keyLabel() };
      const denied = outcomeOf(known) === 'denied';
      // Nothing was asked of a key, so where the caller has spent its budget of such events, counting it is enough.
      if (denied && timings.sign === undefined && !call.leavesEvent(known.code)) return known;
      log[denied ? 'info' : 'error']({ ...about, err: known }, 'transaction not signed');
      try {
        await store.leave(signingEvent(findings, known));
        return known;
      } catch (unwritten) {
        // A refusal without its event is no answer: fail closed, and let it be asked again.
        log.error({ ...about, err: unwritten }, 'audit event not written');
        return new CountersignError('STORE_UNAVAILABLE', 'the audit event could not be written', { cause: unwritten });
      }
    },
    close: () => {
      const key = keyLabel();
      const chain = policy.keys.get(key)?.chain ?? 'unknown'; // not the caller's word: a label is one of a few
      metrics.requests.inc({ key, chain, outcome: refusal === undefined ? 'succeeded' : outcomeOf(refusal) });
      const reasons = refusal !== undefined && POLICY_CODES.has(refusal.code) ? refusal.reasons : [];
      for (const { code } of reasons) metrics.denials.inc({ key, reason: code });
      for (const { backend, outcome } of attemptsOf(results.sign, refusal)) {
        metrics.attempts.inc({ custody: backend, outcome });
      }
    },
  };

  function keyLabel(): string {
    return results.decode?.key.id ?? 'unknown';
  }
}
