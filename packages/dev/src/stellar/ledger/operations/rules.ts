import type { OperationBody } from '@stellar/stellar-sdk/xdr';
import { bumpSequence } from './bump-sequence.ts';
import { createAccount } from './create-account.ts';
import type { OperationRules } from './operation.ts';
import { payment } from './payment.ts';
import { setOptions } from './set-options.ts';

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
    default:
      return undefined;
  }
}
