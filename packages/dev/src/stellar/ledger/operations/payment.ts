import { OperationResult, OperationResultTr, type PaymentOp, PaymentResult } from '@stellar/stellar-sdk/xdr';
import { availableBalance } from '../account.ts';
import { type Address, addressOf } from '../address.ts';
import { type CreditAsset, creditAsset } from '../asset.ts';
import type { Entries } from '../entries.ts';
import { nameOf } from '../entry-name.ts';
import { MAX_INT64 } from '../network.ts';
import { isAuthorized } from '../trustline.ts';
import type { OperationContext, OperationRules } from './operation.ts';

export function payment({ destination, asset, amount }: PaymentOp): OperationRules {
  const to = addressOf(destination);
  const issued = creditAsset(asset);
  const isMalformed = amount <= 0n || (!issued && asset.type !== 'assetTypeNative');
  return {
    threshold: 'medium',
    success: result(PaymentResult.paymentSuccess()),
    touches: (source) =>
      issued ? [nameOf.trustline(source, issued), nameOf.trustline(to, issued)] : [nameOf.account(to)],
    check: () => (isMalformed ? result(PaymentResult.paymentMalformed()) : undefined),
    apply: (context) => (issued ? payCredit(context, to, issued, amount) : payLumens(context, to, amount)),
  };
}

/** The destination is credited first, as in stellar-core: a full destination is told before an empty source. */
function payLumens({ entries, source, ledger }: OperationContext, to: Address, amount: bigint) {
  if (to === source) return undefined;
  const payer = entries.account(source);
  if (!payer) return OperationResult.opNoAccount();
  const payee = entries.account(to);
  if (!payee) return result(PaymentResult.paymentNoDestination());
  if (payee.balance + amount > MAX_INT64) return result(PaymentResult.paymentLineFull());
  if (amount > availableBalance(payer, ledger.baseReserve)) return result(PaymentResult.paymentUnderfunded());
  entries.put({ ...payee, balance: payee.balance + amount });
  entries.put({ ...payer, balance: payer.balance - amount });
  return undefined;
}

/**
 * The issuer has no trustline: it makes what it pays, and what it is paid is gone. It need not even exist. Of a payment
 * to oneself the line must have room for the amount, since it is credited before it is debited.
 */
function payCredit(context: OperationContext, to: Address, asset: CreditAsset, amount: bigint) {
  const { entries, source } = context;
  return (
    (to === asset.issuer ? undefined : credit(entries, to, asset, amount)) ??
    (source === asset.issuer ? undefined : debit(entries, source, asset, amount))
  );
}

function credit(entries: Entries, to: Address, asset: CreditAsset, amount: bigint) {
  if (!entries.account(to)) return result(PaymentResult.paymentNoDestination());
  const line = entries.trustline(to, asset);
  if (!line) return result(PaymentResult.paymentNoTrust());
  if (!isAuthorized(line)) return result(PaymentResult.paymentNotAuthorized());
  if (amount > line.limit - line.balance) return result(PaymentResult.paymentLineFull());
  entries.put({ ...line, balance: line.balance + amount });
  return undefined;
}

function debit(entries: Entries, source: Address, asset: CreditAsset, amount: bigint) {
  const line = entries.trustline(source, asset);
  if (!line) return result(PaymentResult.paymentSrcNoTrust());
  if (!isAuthorized(line)) return result(PaymentResult.paymentSrcNotAuthorized());
  if (amount > line.balance) return result(PaymentResult.paymentUnderfunded());
  entries.put({ ...line, balance: line.balance - amount });
  return undefined;
}

function result(inner: PaymentResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.payment(inner));
}
