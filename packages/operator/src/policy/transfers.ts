import type { AssetId } from '@countersign/chains/caip';
import type { TokenTransfer } from '@countersign/chains/stellar/decode';
import { laneOf } from '@countersign/chains/stellar/lane';
import type { Transfer } from '@countersign/chains/transfer';
import type { Question } from '@countersign/policy/decide';
import type { KeyPolicy } from '@countersign/policy/schema';

type Transaction = Question['transaction'];
type Classic = Extract<Transaction, { readonly kind: 'stellar' }>;

/** What a transaction moves. A token's contract is the asset that the policy lists it for; without one, nothing is found. */
export function transfersOf(transaction: Transaction, policy: KeyPolicy): Transfer[] {
  switch (transaction.kind) {
    case 'evm':
      return [transaction.transfer];
    case 'stellar':
      return classicTransfers(transaction);
    case 'stellar-authorization':
      return tokenTransfers(transaction.transfer, policy);
    case 'stellar-invocation':
      return tokenTransfers(transaction.authorization.transfer, policy);
    default:
      return transaction satisfies never;
  }
}

function classicTransfers({ operations, memo }: Classic): Transfer[] {
  return operations.flatMap((operation) => {
    if (operation.type === 'bumpSequence') return [];
    const { destination, asset, amount } = operation;
    return [{ destination, asset, amount, ...(memo && { memo }) }];
  });
}

function tokenTransfers({ contract, destination, amount }: TokenTransfer, policy: KeyPolicy): Transfer[] {
  const asset = contractAsset(contract, policy);
  return asset === undefined ? [] : [{ destination, asset, amount }];
}

export function contractAsset(contract: string, policy: KeyPolicy): AssetId | undefined {
  return policy.kind === 'stellar' ? policy.soroban?.contracts.get(contract)?.asset : undefined;
}

/** Whether the last operation, and no other, moves the channel's sequence number to the end of the lane. */
export function closesLane({ operations, source, sequence }: Classic): boolean {
  const closing = operations.filter((operation) => operation.type === 'bumpSequence');
  const [only, ...more] = closing;
  if (only === undefined || more.length > 0 || operations.at(-1) !== only) return false;
  return (only.source ?? source) === source && only.bumpTo === laneOf(sequence).end;
}
