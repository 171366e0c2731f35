import type { AssetId } from '@countersign/chains/caip';
import type { TokenTransfer } from '@countersign/chains/stellar/decode';
import type { Transfer } from '@countersign/chains/transfer';
import type { ProposedPayout, Question } from '@countersign/policy/decide';
import { operationTransfer } from '@countersign/policy/match';
import type { KeyPolicy } from '@countersign/policy/schema';

type Transaction = Question['transaction'];

/** What a transaction pays, each transfer as a payout: a request that declares it says the same. */
export function foundPayouts(
  transaction: Transaction,
  policy: KeyPolicy,
  approvers: ReadonlySet<string>,
): ProposedPayout[] {
  return transfersOf(transaction, policy)
    .filter(({ amount }) => amount > 0n)
    .map((transfer, i) => ({ ...transfer, payoutId: `payout-${i}`, approvers }));
}

/** A token's contract is the asset that the policy lists it for; without one, nothing is found. */
function transfersOf(transaction: Transaction, policy: KeyPolicy): Transfer[] {
  switch (transaction.kind) {
    case 'evm':
      return [transaction.transfer];
    case 'stellar':
      return transaction.operations.flatMap((operation) => operationTransfer(operation, transaction.memo) ?? []);
    case 'stellar-authorization':
      return tokenTransfers(transaction.transfer, policy);
    case 'stellar-invocation':
      return tokenTransfers(transaction.authorization.transfer, policy);
    default:
      return transaction satisfies never;
  }
}

function tokenTransfers({ contract, destination, amount }: TokenTransfer, policy: KeyPolicy): Transfer[] {
  const asset = contractAsset(contract, policy);
  return asset === undefined ? [] : [{ destination, asset, amount }];
}

export function contractAsset(contract: string, policy: KeyPolicy): AssetId | undefined {
  return policy.kind === 'stellar' ? policy.soroban?.contracts.get(contract)?.asset : undefined;
}
