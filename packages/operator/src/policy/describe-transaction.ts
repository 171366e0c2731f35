import { closesLane } from '@countersign/chains/stellar/closes-lane';
import { memoText } from '@countersign/chains/transfer';
import type { Question } from '@countersign/policy/decide';
import type { KeyPolicy } from '@countersign/policy/schema';
import { jsonString } from '@countersign/sshsig/json-string';
import { contractAsset } from './found-payouts.ts';
import { amountOf, ether, lumens } from './words.ts';

type Transaction = Question['transaction'];
type Of<Kind extends Transaction['kind']> = Extract<Transaction, { readonly kind: Kind }>;

/** What a transaction does, in words, a line each: all of it, and nothing that is not in its bytes. */
export function describeTransaction(transaction: Transaction, policy: KeyPolicy | undefined): string[] {
  switch (transaction.kind) {
    case 'evm':
      return evmLines(transaction, policy);
    case 'stellar':
      return classicLines(transaction, policy);
    case 'stellar-authorization':
      return [
        `an authorization on ${transaction.chain}, hash ${hex(transaction.hash)}`,
        ...tokenLines(transaction, policy),
      ];
    case 'stellar-invocation':
      return invocationLines(transaction, policy);
    default:
      return transaction satisfies never;
  }
}

function evmLines(transaction: Of<'evm'>, policy: KeyPolicy | undefined): string[] {
  const { chain, nonce, signingHash, transfer, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  const { amount, asset, destination } = transfer;
  const fee = ether(gasLimit * maxFeePerGas);
  return [
    `a transaction on ${chain} with nonce ${nonce}, signing hash ${hex(signingHash)}`,
    `  pays ${amountOf(policy, asset, amount)} of ${asset} to ${destination}`,
    `  for a fee of up to ${fee} (${gasLimit} gas at ${maxFeePerGas} wei, ${maxPriorityFeePerGas} of them as a tip)`,
  ];
}

function classicLines(transaction: Of<'stellar'>, policy: KeyPolicy | undefined): string[] {
  const { memo, operations, source } = transaction;
  const lines = operations.map((operation, i) => {
    const from = operation.source === undefined ? source : operation.source;
    if (operation.type === 'bumpSequence') {
      const closes = operation === operations.at(-1) && closesLane(transaction) ? ', which closes its lane' : '';
      return `  operations[${i}] moves the sequence number of ${from} to ${operation.bumpTo}${closes}`;
    }
    const { amount, asset, destination, type } = operation;
    const what = `${amountOf(policy, asset, amount)} of ${asset}`;
    return type === 'payment'
      ? `  operations[${i}] pays ${what} from ${from} to ${destination}`
      : `  operations[${i}] creates the account ${destination} with ${what} from ${from}`;
  });
  return [
    ...envelopeLines(transaction),
    `  memo: ${memo === undefined ? 'none' : jsonString(memoText(memo))}`,
    ...lines,
  ];
}

function invocationLines(transaction: Of<'stellar-invocation'>, policy: KeyPolicy | undefined): string[] {
  const { authorization, resources } = transaction;
  return [
    ...envelopeLines(transaction),
    `  ${lumens(resources.resourceFee)} of the fee are for resources`,
    '  carries one signed authorization (whose signature is not checked here):',
    ...tokenLines(authorization, policy),
  ];
}

function envelopeLines(transaction: Of<'stellar'> | Of<'stellar-invocation'>): string[] {
  const { chain, hash, source, sequence, fee, minTime, maxTime } = transaction;
  const start = minTime === 0n ? '' : `from ${timeText(minTime)} `;
  return [
    `a transaction on ${chain}, hash ${hex(hash)}`,
    `  spends the sequence number ${sequence} of ${source}, for a fee of up to ${lumens(fee)}`,
    `  is valid ${start}${maxTime === 0n ? 'for ever' : `until ${timeText(maxTime)}`}`,
  ];
}

type Authorized = Pick<Of<'stellar-authorization'>, 'account' | 'nonce' | 'expirationLedger' | 'transfer'>;

function tokenLines(
  { account, nonce, expirationLedger, transfer }: Authorized,
  policy: KeyPolicy | undefined,
): string[] {
  const { contract, destination, amount } = transfer;
  const asset = policy && contractAsset(contract, policy);
  const what =
    asset === undefined ? `${amount} smallest units of a token` : `${amountOf(policy, asset, amount)} of ${asset}`;
  return [
    `  lets the contract ${contract} move ${what} from ${account} to ${destination}`,
    `  once (nonce ${nonce}), until ledger ${expirationLedger}`,
  ];
}

const LAST_DATE = 8_640_000_000_000n;

/** Unix seconds as a date, where one is so late. */
function timeText(seconds: bigint): string {
  return seconds > LAST_DATE ? `${seconds} s` : new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
