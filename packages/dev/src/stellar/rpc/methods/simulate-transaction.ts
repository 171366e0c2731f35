import {
  type InvokeHostFunctionOp,
  type Operation,
  type Transaction,
  TransactionEnvelope,
  type TransactionV0,
} from '@stellar/stellar-sdk/xdr';
import { addressOf, addressOfKey } from '../../ledger/address.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { networkId } from '../../ledger/network.ts';
import { type EntryChange, simulate } from '../../soroban/simulate.ts';
import { isOfProtocol25 } from '../../soroban/soroban-transaction.ts';
import { readTransfer } from '../../soroban/transfer.ts';
import type { Params } from '../json-rpc.ts';
import { bytesOf, checkFormat } from './params.ts';

const MODES = ['enforce', 'record', 'record_allow_nonroot'];

/** What is wrong with the transaction comes as `error` in the result, as Stellar RPC sends it. */
export function simulateTransaction(ledger: Ledger, params: Params) {
  checkFormat(params);
  const transaction = readTransaction(params['transaction']);
  if (!transaction) return refusal('Could not unmarshal transaction');
  const [operation, ...others] = transaction.operations;
  if (!operation || others.length > 0) return refusal('Transaction contains more than one operation');
  if (operation.body.type !== 'invokeHostFunction') {
    return refusal(`Transaction contains unsupported operation type: ${operation.body.type}`);
  }
  const { invokeHostFunctionOp } = operation.body;
  const mode = readMode(params['authMode'], invokeHostFunctionOp);
  if (mode.problem !== undefined) return refusal(mode.problem);
  if (!invokeHostFunctionOp.auth.every(isOfProtocol25)) return refusal('Could not unmarshal transaction');
  return answer(ledger, invokeHostFunctionOp, sourceOf(operation, transaction), mode.enforce, readLeeway(params));
}

function answer(
  ledger: Ledger,
  { hostFunction, auth }: InvokeHostFunctionOp,
  source: string,
  enforce: boolean,
  instructionLeeway: number,
) {
  const { sequence: latestLedger, header } = ledger.latest();
  const call = readTransfer(hostFunction);
  if (!call)
    return { error: 'the dev ledger runs nothing but transfer(from, to, amount) of asset contracts', latestLedger };
  const simulation = simulate(
    { call, hostFunction, source, instructionLeeway, ...(enforce ? { authorizations: auth } : {}) },
    ledger.scratch(),
    {
      networkId: networkId(ledger.networkPassphrase),
      sequence: latestLedger + 1,
      baseReserve: BigInt(header.baseReserve),
    },
  );
  const events = simulation.diagnostics.map((event) => event.toXdr('base64'));
  if (simulation.error !== undefined) return { error: simulation.error, events, latestLedger };
  const { data, authorizations, returnValue, changes } = simulation;
  return {
    transactionData: data.toXdr('base64'),
    minResourceFee: `${data.resourceFee}`,
    events,
    results: [{ auth: authorizations.map((entry) => entry.toXdr('base64')), xdr: returnValue.toXdr('base64') }],
    stateChanges: changes.flatMap(stateChange),
    latestLedger,
  };
}

function stateChange({ key, before, after }: EntryChange) {
  if (!before && !after) return [];
  const type = before ? (after ? 'updated' : 'deleted') : 'created';
  return [
    {
      type,
      key: key.toXdr('base64'),
      before: before?.toXdr('base64') ?? null,
      after: after?.toXdr('base64') ?? null,
    },
  ];
}

/** Without a mode, authorizations that are there are checked, and recorded where there are none. */
function readMode(
  mode: unknown,
  { auth }: InvokeHostFunctionOp,
): { enforce: boolean; problem?: undefined } | { problem: string } {
  if (mode === undefined || mode === null || mode === '') return { enforce: auth.length > 0 };
  if (typeof mode !== 'string' || !MODES.includes(mode)) {
    return { problem: `optional 'authMode' must be one of ${MODES.join(',')} when included` };
  }
  if (mode === 'enforce') return { enforce: true };
  if (auth.length > 0) return { problem: `cannot set authMode to '${mode}' with an auth footprint` };
  return { enforce: false };
}

function readLeeway({ resourceConfig }: Params): number {
  const leeway =
    typeof resourceConfig === 'object' && resourceConfig !== null && 'instructionLeeway' in resourceConfig
      ? Number(resourceConfig.instructionLeeway)
      : 0;
  return Number.isSafeInteger(leeway) && leeway > 0 ? leeway : 0;
}

function readTransaction(text: unknown): Transaction | TransactionV0 | undefined {
  const bytes = bytesOf(text);
  try {
    const envelope = bytes && TransactionEnvelope.fromXdr(bytes);
    switch (envelope?.type) {
      case undefined:
        return undefined;
      case 'envelopeTypeTxV0':
        return envelope.v0.tx;
      case 'envelopeTypeTx':
        return envelope.v1.tx;
      case 'envelopeTypeTxFeeBump':
        return envelope.feeBump.tx.innerTx.v1.tx;
    }
  } catch {
    return undefined;
  }
}

function sourceOf({ sourceAccount }: Operation, transaction: Transaction | TransactionV0): string {
  if (sourceAccount) return addressOf(sourceAccount);
  return 'sourceAccount' in transaction
    ? addressOf(transaction.sourceAccount)
    : addressOfKey(transaction.sourceAccountEd25519.value);
}

function refusal(error: string) {
  return { error, latestLedger: 0 };
}
