import { InvokeHostFunctionResult, OperationResult, OperationResultTr } from '@stellar/stellar-sdk/xdr';
import { applyInvocation } from '../../soroban/apply.ts';
import type { SorobanTransaction } from '../../soroban/soroban-transaction.ts';
import { keyName } from '../entry-name.ts';
import type { OperationRules } from './operation.ts';

/** A contract call; its rules are in soroban/. The result of success is known only when it has run. */
export function invokeHostFunction(transaction: SorobanTransaction): OperationRules {
  const { readOnly, readWrite } = transaction.data.resources.footprint;
  return {
    threshold: 'low',
    success: invocationResult(InvokeHostFunctionResult.invokeHostFunctionSuccess(new Uint8Array(32))),
    touches: () => [...readOnly, ...readWrite].flatMap((key) => keyName(key) ?? []),
    check: () => undefined,
    apply: (context) => {
      const effects = applyInvocation(transaction, context);
      context.report(effects);
      return effects.result.type === 'invokeHostFunctionSuccess' ? undefined : invocationResult(effects.result);
    },
  };
}

export function invocationResult(inner: InvokeHostFunctionResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.invokeHostFunction(inner));
}
