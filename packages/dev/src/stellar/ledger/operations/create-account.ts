import {
  type CreateAccountOp,
  CreateAccountResult,
  OperationResult,
  OperationResultTr,
} from '@stellar/stellar-sdk/xdr';
import { availableBalance, minimumBalance, newAccount } from '../account.ts';
import { addressOfKey } from '../address.ts';
import { startingSequence } from '../context.ts';
import { nameOf } from '../entry-name.ts';
import type { OperationRules } from './operation.ts';

export function createAccount({ destination, startingBalance }: CreateAccountOp): OperationRules {
  const address = addressOfKey(destination.ed25519.value);
  return {
    threshold: 'medium',
    success: result(CreateAccountResult.createAccountSuccess()),
    touches: () => [nameOf.account(address)],
    check: (source) =>
      startingBalance < 0n || address === source ? result(CreateAccountResult.createAccountMalformed()) : undefined,
    apply: ({ entries, source, ledger }) => {
      const payer = entries.account(source);
      if (!payer) return OperationResult.opNoAccount();
      if (entries.account(address)) return result(CreateAccountResult.createAccountAlreadyExist());
      if (startingBalance < minimumBalance(0, ledger.baseReserve)) {
        return result(CreateAccountResult.createAccountLowReserve());
      }
      if (availableBalance(payer, ledger.baseReserve) < startingBalance) {
        return result(CreateAccountResult.createAccountUnderfunded());
      }
      entries.put({ ...payer, balance: payer.balance - startingBalance });
      entries.put(newAccount(address, startingBalance, startingSequence(ledger.sequence)));
      return undefined;
    },
  };
}

function result(inner: CreateAccountResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.createAccount(inner));
}
