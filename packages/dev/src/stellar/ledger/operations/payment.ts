import {
  type Asset,
  OperationResult,
  OperationResultTr,
  type PaymentOp,
  PaymentResult,
} from '@stellar/stellar-sdk/xdr';
import { availableBalance } from '../account.ts';
import { type Address, addressOf, addressOfKey } from '../address.ts';
import { MAX_INT64 } from '../network.ts';
import type { OperationContext, OperationRules } from './operation.ts';

export function payment({ destination, asset, amount }: PaymentOp): OperationRules {
  const to = addressOf(destination);
  return {
    threshold: 'medium',
    success: result(PaymentResult.paymentSuccess()),
    check: () => (amount <= 0n || !isValidAsset(asset) ? result(PaymentResult.paymentMalformed()) : undefined),
    apply: (context) =>
      asset.type === 'assetTypeNative'
        ? payLumens(context, to, amount)
        : payCredit(context, to, addressOfKey(asset.value.issuer.ed25519.value)),
  };
}

/** The destination is credited first, as in stellar-core: a full destination is told before an empty source. */
function payLumens({ accounts, source, ledger }: OperationContext, to: Address, amount: bigint) {
  if (to === source) return undefined;
  const payer = accounts.get(source);
  if (!payer) return OperationResult.opNoAccount();
  const payee = accounts.get(to);
  if (!payee) return result(PaymentResult.paymentNoDestination());
  if (payee.balance + amount > MAX_INT64) return result(PaymentResult.paymentLineFull());
  if (amount > availableBalance(payer, ledger.baseReserve)) return result(PaymentResult.paymentUnderfunded());
  accounts.put({ ...payee, balance: payee.balance + amount });
  accounts.put({ ...payer, balance: payer.balance - amount });
  return undefined;
}

/** No trustline can exist on this ledger, so only an issuer can send its asset, and only to itself. */
function payCredit({ accounts, source }: OperationContext, to: Address, issuer: Address) {
  if (to !== issuer) {
    const exists = accounts.get(to) !== undefined;
    return result(exists ? PaymentResult.paymentNoTrust() : PaymentResult.paymentNoDestination());
  }
  return source === issuer ? undefined : result(PaymentResult.paymentSrcNoTrust());
}

function isValidAsset(asset: Asset): boolean {
  switch (asset.type) {
    case 'assetTypeNative':
      return true;
    case 'assetTypeCreditAlphanum4':
      return /^[a-zA-Z0-9]{1,4}\0*$/.test(text(asset.alphaNum4.assetCode.value));
    case 'assetTypeCreditAlphanum12':
      return /^[a-zA-Z0-9]{5,12}\0*$/.test(text(asset.alphaNum12.assetCode.value));
  }
}

function text(code: Uint8Array): string {
  return Buffer.from(code).toString('latin1');
}

function result(inner: PaymentResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.payment(inner));
}
