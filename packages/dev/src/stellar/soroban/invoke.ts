import { type ContractEvent, type DiagnosticEvent, ScVal } from '@stellar/stellar-sdk/xdr';
import { instancePlace, readAsset } from './asset-contract.ts';
import type { Authorization } from './authorization.ts';
import { createEventLog } from './events.ts';
import { HostError, hostError } from './host-error.ts';
import { INSTRUCTIONS } from './settings.ts';
import type { Storage } from './storage.ts';
import { type TransferCall, transfer } from './transfer.ts';
import { address } from './values.ts';

const DAY_IN_LEDGERS = 17_280;
const INSTANCE_EXTENSION = 7 * DAY_IN_LEDGERS;

/** What running a call gave. A failure leaves changes in the storage's entries that the caller drops. */
export type Invocation =
  | {
      readonly returnValue: ScVal;
      readonly events: readonly ContractEvent[];
      readonly diagnostics: readonly DiagnosticEvent[];
      readonly instructions: number;
      readonly error?: undefined;
    }
  | { readonly error: HostError; readonly diagnostics: readonly DiagnosticEvent[] };

export interface Surroundings {
  readonly storage: Storage;
  readonly authorization: Authorization;
  readonly ledgerSequence: number;
  readonly baseReserve: bigint;
}

/** Runs the call: in the place of stellar-core's host, with the Stellar Asset Contract built in. */
export function invoke(
  call: TransferCall,
  { storage, authorization, ledgerSequence, baseReserve }: Surroundings,
): Invocation {
  const { contract } = call;
  const log = createEventLog();
  let entered = false;
  try {
    log.called(contract, 'transfer', call.args.args);
    const instance = storage.contractData(instancePlace(contract));
    if (!instance) {
      throw hostError.missingValue('trying to get non-existing value for contract instance', address(contract));
    }
    entered = true;
    const holdings = { storage, contract, asset: readAsset(instance), ledgerSequence, baseReserve };
    const extendInstance = () =>
      storage.extend(instancePlace(contract), INSTANCE_EXTENSION - DAY_IN_LEDGERS, INSTANCE_EXTENSION);
    log.emitted(transfer(call, holdings, authorization, extendInstance));
    const returnValue = ScVal.scvVoid();
    log.returned(contract, 'transfer', returnValue);
    const instructions = INSTRUCTIONS.transfer + authorization.instructions();
    return { returnValue, events: log.events(), diagnostics: log.diagnostics(true), instructions };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    log.failed(entered ? contract : undefined, error);
    return { error, diagnostics: log.diagnostics(false) };
  }
}
