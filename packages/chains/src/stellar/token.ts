import { xdr } from '@stellar/stellar-sdk/base';
import { checkRange, spells } from '../check.ts';
import { TransactionError } from '../error.ts';
import { MAX_INT128, MAX_UINT64 } from '../limits.ts';
import { readAccount, readContract, writeAccount, writeContract, writeHolder } from './sc-address.ts';

/** A call of SEP-41 `transfer`: `amount` in the token's smallest unit, 1 to 2^127 - 1, to a `G…` or a `C…`. */
export interface TokenTransfer {
  readonly contract: string;
  readonly destination: string;
  readonly amount: bigint;
}

const TRANSFER = 'transfer';

/** `transfer(from, to, amount)` as XDR. */
export function readTransfer(from: string, { contract, destination, amount }: TokenTransfer): xdr.InvokeContractArgs {
  checkRange('INVALID_AMOUNT', 'amount', amount, 1n, MAX_INT128);
  checkHolder('destination', contract, destination);
  const to = destination.startsWith('C')
    ? readContract('destination', destination)
    : readAccount('destination', destination);
  return new xdr.InvokeContractArgs({
    contractAddress: readContract('contract', contract),
    functionName: TRANSFER,
    args: [
      xdr.ScVal.scvAddress(readAccount('account', from)),
      xdr.ScVal.scvAddress(to),
      xdr.ScVal.scvI128(new xdr.Int128Parts({ hi: amount >> 64n, lo: amount & MAX_UINT64 })),
    ],
  });
}

/** XDR as a transfer from this account; any other function, arguments or types are refused. */
export function writeTransfer(field: string, from: string, call: xdr.InvokeContractArgs): TokenTransfer {
  const contract = writeContract(`${field}.contract`, call.contractAddress);
  if (!spells(call.functionName.bytes, TRANSFER)) {
    throw new TransactionError('UNSUPPORTED_INVOCATION', `${field}.function`, `expected ${TRANSFER}`);
  }
  const [source, to, amount, ...more] = call.args;
  if (source === undefined || to === undefined || amount === undefined || more.length > 0) {
    const message = `expected from, to and amount, got ${call.args.length} arguments`;
    throw new TransactionError('UNSUPPORTED_INVOCATION', `${field}.args`, message);
  }
  const payer = writeAccount(`${field}.args[0]`, scAddress(`${field}.args[0]`, source));
  if (payer !== from) {
    throw new TransactionError('ACCOUNT_DIFFERS', `${field}.args[0]`, `expected ${from}, got ${payer}`);
  }
  const destination = writeHolder(`${field}.args[1]`, scAddress(`${field}.args[1]`, to));
  checkHolder(`${field}.args[1]`, contract, destination);
  return { contract, destination, amount: int128(`${field}.args[2]`, amount) };
}

function checkHolder(field: string, contract: string, destination: string): void {
  if (destination === contract) {
    throw new TransactionError('DESTINATION_IS_TOKEN', field, 'expected a holder other than the token contract');
  }
}

function scAddress(field: string, value: xdr.ScVal): xdr.ScAddress {
  if (value.type === 'scvAddress') return value.address;
  throw new TransactionError('UNSUPPORTED_INVOCATION', field, `expected an address, got ${value.type}`);
}

function int128(field: string, value: xdr.ScVal): bigint {
  if (value.type !== 'scvI128') {
    throw new TransactionError('UNSUPPORTED_INVOCATION', field, `expected an i128, got ${value.type}`);
  }
  return checkRange('INVALID_AMOUNT', field, (value.i128.hi << 64n) | value.i128.lo, 1n, MAX_INT128);
}
