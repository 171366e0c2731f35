import type { OperationBody } from '@stellar/stellar-sdk/xdr';
import { bumpSequence } from './bump-sequence.ts';
import { changeTrust } from './change-trust.ts';
import { createAccount } from './create-account.ts';
import { manageData } from './manage-data.ts';
import type { OperationRules } from './operation.ts';
import { payment } from './payment.ts';
import { setOptions } from './set-options.ts';
import { setTrustLineFlags } from './set-trust-line-flags.ts';

/** The rules of an operation, or undefined when the ledger does not model its kind. */
export function rulesOf(body: OperationBody): OperationRules | undefined {
  switch (body.type) {
    case 'payment':
      return payment(body.paymentOp);
    case 'createAccount':
      return createAccount(body.createAccountOp);
    case 'bumpSequence':
      return bumpSequence(body.bumpSequenceOp);
    case 'setOptions':
      return setOptions(body.setOptionsOp);
    case 'changeTrust':
      return body.changeTrustOp.line.type === 'assetTypePoolShare' ? undefined : changeTrust(body.changeTrustOp);
    case 'setTrustLineFlags':
      return setTrustLineFlags(body.setTrustLineFlagsOp);
    case 'manageData':
      return manageData(body.manageDataOp);
    default:
      return undefined;
  }
}
