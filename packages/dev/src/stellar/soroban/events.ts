import { StrKey, scValToNative } from '@stellar/stellar-sdk/base';
import {
  ContractEvent,
  ContractEventBody,
  ContractEventType,
  ContractEventV0,
  ContractId,
  DiagnosticEvent,
  ExtensionPoint,
  ScVal,
} from '@stellar/stellar-sdk/xdr';
import { errorText, type HostError } from './host-error.ts';
import { symbol } from './values.ts';

/** What an invocation says while it runs: its events, and the diagnostics around them. */
export interface EventLog {
  called(contract: string, functionName: string, args: readonly ScVal[]): void;
  emitted(event: ContractEvent): void;
  returned(contract: string, functionName: string, value: ScVal): void;
  failed(contract: string | undefined, error: HostError): void;
  events(): ContractEvent[];
  diagnostics(succeeded: boolean): DiagnosticEvent[];
}

export function createEventLog(): EventLog {
  const log: ContractEvent[] = [];
  return {
    called: (contract, functionName, args) => {
      const topics = [symbol('fn_call'), ScVal.scvBytes(StrKey.decodeContract(contract)), symbol(functionName)];
      log.push(diagnostic(undefined, topics, ScVal.scvVec([...args])));
    },
    emitted: (event) => void log.push(event),
    returned: (contract, functionName, value) =>
      void log.push(diagnostic(contract, [symbol('fn_return'), symbol(functionName)], value)),
    failed: (contract, { error, message, values }) => {
      const text = ScVal.scvString(message);
      const data = values.length === 0 ? text : ScVal.scvVec([text, ...values]);
      log.push(diagnostic(contract, [symbol('error'), ScVal.scvError(error)], data));
    },
    events: () => log.filter(({ type }) => type === ContractEventType.contract),
    diagnostics: (inSuccessfulContractCall) =>
      log.map((event) => new DiagnosticEvent({ inSuccessfulContractCall, event })),
  };
}

export function contractEvent(contract: string, topics: readonly ScVal[], data: ScVal): ContractEvent {
  return event(ContractEventType.contract, contract, topics, data);
}

function diagnostic(contract: string | undefined, topics: readonly ScVal[], data: ScVal): ContractEvent {
  return event(ContractEventType.diagnostic, contract, topics, data);
}

function event(type: ContractEventType, contract: string | undefined, topics: readonly ScVal[], data: ScVal) {
  return new ContractEvent({
    ext: ExtensionPoint.v0(),
    contractId: contract === undefined ? null : new ContractId(StrKey.decodeContract(contract)),
    type,
    body: ContractEventBody.v0(new ContractEventV0({ topics: [...topics], data })),
  });
}

/** The text that a simulation gives as its error: what went wrong, and all that was said before, the newest first. */
export function failureText(error: HostError, log: readonly DiagnosticEvent[]): string {
  const lines = [...log].reverse().map((event, index) => `   ${index}: ${eventText(event)}`);
  return `HostError: ${errorText(error.error)}\n\nEvent log (newest first):\n${lines.join('\n')}\n`;
}

function eventText({ event: { type, contractId, body } }: DiagnosticEvent): string {
  const kind = type === ContractEventType.contract ? 'Contract Event' : 'Diagnostic Event';
  const contract = contractId ? `contract:${StrKey.encodeContract(contractId.value)}, ` : '';
  const { topics, data } = body.v0;
  return `[${kind}] ${contract}topics:${valueText(ScVal.scvVec(topics))}, data:${valueText(data)}`;
}

function valueText(value: ScVal): string {
  switch (value.type) {
    case 'scvVec':
      return `[${(value.vec ?? []).map(valueText).join(', ')}]`;
    case 'scvMap':
      return `{${(value.map ?? []).map(({ key, val }) => `${valueText(key)}: ${valueText(val)}`).join(', ')}}`;
    case 'scvError':
      return errorText(value.error);
    case 'scvSymbol':
      return value.sym.toString();
    case 'scvString':
      return JSON.stringify(value.str.toString());
    case 'scvBytes':
      return value.bytes.value.length === 32 ? StrKey.encodeContract(value.bytes.value) : 'Bytes';
    case 'scvVoid':
      return 'Void';
    default:
      return `${scValToNative(value)}`;
  }
}
