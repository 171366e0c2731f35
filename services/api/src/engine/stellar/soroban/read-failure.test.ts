import { describe, expect, test } from '@jest/globals';
import { type Parties, readFailure } from './read-failure.ts';

const TOKEN = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const TREASURY = 'GAIG422GCQ5NPTYE34NYBELVKV543LMAQW3MTHEDZB7DPE673AOKLEXO';
const PAYEE = 'GDBRJKD5EA62OUWHI6S66BJTVYUTJSAYPQWZDMQTYICUKC5TLCST6TXS';
const VAULT = 'CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA';

const parties: Parties = {
  treasury: TREASURY,
  destination: PAYEE,
  contract: TOKEN,
  isAssetContract: true,
  treasuryAuthorized: true,
};

/** As Stellar RPC tells of a failed simulation on the networks, with the host's own words and values. */
function recorded(error: string, data: string, contract = TOKEN): string {
  return `HostError: ${error}

Event log (newest first):
   0: [Diagnostic Event] contract:${contract}, topics:[error, ${error}], data:${data}
   1: [Diagnostic Event] topics:[fn_call, ${contract}, transfer], data:[${TREASURY}, ${PAYEE}, 100000000]
`;
}

const asset = (number: number, data: string) => recorded(`Error(Contract, #${number})`, data);

describe('readFailure', () => {
  test.each([
    [asset(6, `["account entry is missing", ${PAYEE}]`), 'failed', 'DESTINATION_UNFUNDED'],
    [asset(6, `["account entry is missing", ${TREASURY}]`), 'waiting', 'TREASURY_UNDERFUNDED'],
    [
      asset(10, '["resulting balance is not within the allowed range", 10000000, 0, 9223372036854775807]'),
      'waiting',
      'TREASURY_UNDERFUNDED',
    ],
    [
      asset(10, '["resulting balance is not within the allowed range", 0, -100, 9223372036854775807]'),
      'waiting',
      'TREASURY_UNDERFUNDED',
    ],
    [
      asset(10, '["resulting balance is not within the allowed range", 0, 20000001, 20000000]'),
      'failed',
      'DESTINATION_LINE_FULL',
    ],
    [asset(10, '"resulting balance overflow"'), 'failed', 'DESTINATION_LINE_FULL'],
    [asset(11, '"balance is deauthorized"'), 'failed', 'DESTINATION_NOT_AUTHORIZED'],
    [asset(12, '"balance overflow in receive_balance"'), 'failed', 'DESTINATION_LINE_FULL'],
    [asset(12, '"spent amount is too large for an i64"'), 'failed', 'SIMULATION_FAILED'],
    [asset(13, `["trustline entry is missing for account", ${PAYEE}]`), 'failed', 'DESTINATION_NO_TRUSTLINE'],
    [asset(13, `["trustline entry is missing for account", ${TREASURY}]`), 'waiting', 'TREASURY_NO_TRUSTLINE'],
    [asset(2, '"an error that no transfer has"'), 'failed', 'SIMULATION_FAILED'],
    [recorded('Error(Storage, MissingValue)', '"trying to get non-existing value"'), 'failed', 'SIMULATION_FAILED'],
    [
      recorded('Error(WasmVm, InvalidAction)', '"VM call trapped: UnreachableCodeReached"'),
      'failed',
      'SIMULATION_FAILED',
    ],
    [recorded('Error(Storage, InternalError)', '"accessing an archived entry"'), 'failed', 'ENTRY_ARCHIVED'],
    // What Stellar RPC says of itself, in the same field.
    ['preflight queue full', 'waiting', 'SIMULATION_UNKNOWN'],
    ['missing meta for latest ledger (1234)', 'waiting', 'SIMULATION_UNKNOWN'],
    [recorded('Error(Storage, InternalError)', '"could not read"'), 'waiting', 'SIMULATION_UNKNOWN'],
  ])('%s', (text, kind, code) => {
    expect(readFailure(text, parties)).toMatchObject({ kind, reason: { code } });
  });

  test('knows from the ledger whom the issuer does not let pay', () => {
    const text = asset(11, '"balance is deauthorized"');
    expect(readFailure(text, { ...parties, treasuryAuthorized: false })).toMatchObject({
      kind: 'waiting',
      reason: { code: 'TREASURY_NOT_AUTHORIZED' },
    });
  });

  test('does not take the numbers of another contract for those of the asset contract', () => {
    const text = asset(13, `["trustline entry is missing for account", ${PAYEE}]`);
    expect(readFailure(text, { ...parties, isAssetContract: false }).reason).toEqual({
      code: 'SIMULATION_FAILED',
      detail: `HostError: Error(Contract, #13): ["trustline entry is missing for account", ${PAYEE}]`,
    });
    const elsewhere = recorded('Error(Contract, #13)', `["trustline entry is missing for account", ${PAYEE}]`, VAULT);
    expect(readFailure(elsewhere, parties).reason.code).toBe('SIMULATION_FAILED');
  });

  test('goes by the deepest error, not by those that it led to', () => {
    const text = `HostError: Error(Contract, #13)

Event log (newest first):
   0: [Diagnostic Event] contract:${VAULT}, topics:[error, Error(Contract, #13)], data:"escalating error to VM trap from failed host function call: call"
   1: [Diagnostic Event] contract:${VAULT}, topics:[error, Error(Contract, #13)], data:["contract call failed", transfer, []]
   2: [Failed Diagnostic Event (not emitted)] contract:${TOKEN}, topics:[error, Error(Contract, #13)], data:["trustline entry is missing for account", ${PAYEE}]
`;
    expect(readFailure(text, parties).reason.code).toBe('DESTINATION_NO_TRUSTLINE');
  });
});
