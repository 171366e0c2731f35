import type { Ledger } from '../../ledger/ledger.ts';
import { succeeded } from '../../ledger/result.ts';
import type { SorobanEffects } from '../../soroban/apply.ts';
import type { Params } from '../json-rpc.ts';
import { checkFormat, invalidParams } from './params.ts';

/** Times are strings, and what was not found has the zero values, both as Stellar RPC sends them. */
export function getTransaction(ledger: Ledger, params: Params) {
  checkFormat(params);
  const hash = readHash(params);
  const included = ledger.transaction(hash.toLowerCase());
  const [latest, oldest] = [ledger.latest(), ledger.oldest()];
  const always = {
    latestLedger: latest.sequence,
    latestLedgerCloseTime: `${latest.closeTime}`,
    oldestLedger: oldest.sequence,
    oldestLedgerCloseTime: `${oldest.closeTime}`,
    txHash: hash,
    events: {},
  };
  if (!included) {
    return { ...always, status: 'NOT_FOUND', applicationOrder: 0, feeBump: false, ledger: 0, createdAt: '0' };
  }
  const { frame, result, meta, effects } = included;
  return {
    ...always,
    ...(effects ? said(effects) : {}),
    status: succeeded(result) ? 'SUCCESS' : 'FAILED',
    applicationOrder: included.applicationOrder,
    feeBump: frame.kind === 'feeBump',
    envelopeXdr: frame.envelope.toXdr('base64'),
    resultXdr: result.toXdr('base64'),
    resultMetaXdr: meta.toXdr('base64'),
    ledger: included.ledger,
    createdAt: `${included.closeTime}`,
  };
}

/** What a contract call said: its events by operation, and the diagnostics of a node that keeps them. */
function said({ events, diagnostics }: SorobanEffects) {
  const texts = (values: readonly { toXdr(format: 'base64'): string }[]) => values.map((each) => each.toXdr('base64'));
  return {
    events: events.length === 0 ? {} : { contractEventsXdr: [texts(events)] },
    ...(diagnostics.length === 0 ? {} : { diagnosticEventsXdr: texts(diagnostics) }),
  };
}

function readHash({ hash = '' }: Params): string {
  if (typeof hash !== 'string') throw invalidParams('invalid parameters: hash must be a string');
  if (hash.length !== 64) throw invalidParams(`unexpected hash length (${hash.length})`);
  if (!/^[0-9a-f]{64}$/i.test(hash)) throw invalidParams('incorrect hash: not hexadecimal');
  return hash;
}
