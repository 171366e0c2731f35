import type { PayoutReason } from '../../move-payouts.ts';

/** What a failed simulation means for a payout. */
export interface Verdict {
  /** `failed`: it cannot be paid as it is. `waiting`: the payer's side stands in the way, which may pass. */
  readonly kind: 'failed' | 'waiting';
  readonly reason: PayoutReason;
}

/** Who takes part in a transfer, and what is known of them. */
export interface Parties {
  /** G… */
  readonly treasury: string;
  /** G… or C… */
  readonly destination: string;
  /** C…: the token's contract. */
  readonly contract: string;
  /** Whether it is a Stellar Asset Contract: only then its error numbers are known. */
  readonly isAssetContract: boolean;
  /** Whether the issuer lets the treasury pay; undefined where that is not known. */
  readonly treasuryAuthorized: boolean | undefined;
}

/** An error that a contract raised, as the host's event log tells of it. */
interface ContractError {
  readonly contract: string;
  readonly number: number;
  /** The contract's words, and after them what they are about. */
  readonly data: string;
}

const EVENT = /^\s*\d+: \[[^\]]*\] contract:(C[A-Z2-7]{55}), topics:\[error, Error\(Contract, #(\d+)\)\], data:(.*)$/;

// What the host says of a call that failed. Without it the text is about the node: its queue is full, it lacks a ledger.
const HOST_ERROR = /HostError: Error\(\w+, (#?\w+)\)/;

/**
 * Reads the text of a failed simulation. It is for people, and no part of the protocol: what the host says and nobody
 * recognises is a SIMULATION_FAILED with the text's first line; what the node says about itself ends no payout. Error numbers
 * of the Stellar Asset Contract are rs-soroban-env's `ContractError`; the numbers of other contracts are their own.
 */
export function readFailure(error: string, parties: Parties): Verdict {
  const [, code] = HOST_ERROR.exec(error) ?? [];
  if (code === undefined) return waiting('SIMULATION_UNKNOWN', firstLine(error));
  const raised = deepestError(error);
  const known =
    parties.isAssetContract && raised?.contract === parties.contract ? readTokenError(raised, parties) : undefined;
  if (known !== undefined) return known;
  if (/\barchived\b/i.test(error)) return failed('ENTRY_ARCHIVED', firstLine(error));
  // Trouble of the host's own, such as an entry that the node could not read.
  if (code === 'InternalError') return waiting('SIMULATION_UNKNOWN', firstLine(error));
  return failed('SIMULATION_FAILED', raised === undefined ? firstLine(error) : `${firstLine(error)}: ${raised.data}`);
}

/** The error that the others came of. The log has the newest event first. */
function deepestError(error: string): ContractError | undefined {
  return error
    .split('\n')
    .flatMap((line): ContractError[] => {
      const [, contract, number, data] = EVENT.exec(line) ?? [];
      return contract === undefined || data === undefined ? [] : [{ contract, number: Number(number), data }];
    })
    .at(-1);
}

function readTokenError({ number, data }: ContractError, parties: Parties): Verdict | undefined {
  const isDestination = data.includes(parties.destination);
  switch (number) {
    case ACCOUNT_MISSING:
      return isDestination
        ? failed('DESTINATION_UNFUNDED', 'the account does not exist')
        : waiting('TREASURY_UNDERFUNDED', 'the account of the treasury does not exist');
    case BALANCE:
      return readBalanceError(data);
    case DEAUTHORIZED:
      return parties.treasuryAuthorized === false
        ? waiting('TREASURY_NOT_AUTHORIZED', 'the issuer does not let the treasury pay the asset')
        : failed('DESTINATION_NOT_AUTHORIZED', 'the issuer does not let the destination receive the asset');
    case OVERFLOW:
      return data.includes('spent amount') ? undefined : LINE_FULL;
    case TRUSTLINE_MISSING:
      return isDestination
        ? failed('DESTINATION_NO_TRUSTLINE', 'the destination has no trustline for the asset')
        : waiting('TREASURY_NO_TRUSTLINE', 'the treasury has no trustline for the asset');
    default:
      return undefined;
  }
}

const ACCOUNT_MISSING = 6;
const BALANCE = 10;
const DEAUTHORIZED = 11;
const OVERFLOW = 12;
const TRUSTLINE_MISSING = 13;

const LINE_FULL = failed('DESTINATION_LINE_FULL', 'the destination has no room for the amount');

/** The transfer would leave an account with less, or with more, than it may have: [words, least, resulting, most]. */
function readBalanceError(data: string): Verdict {
  const [, resulting, most] = /, -?\d+, (-?\d+), (\d+)\]$/.exec(data) ?? [];
  const tooMuch = resulting !== undefined && most !== undefined && BigInt(resulting) > BigInt(most);
  if (tooMuch || data.includes('balance overflow')) return LINE_FULL;
  return waiting('TREASURY_UNDERFUNDED', 'the treasury cannot pay it now');
}

function firstLine(error: string): string {
  return error.split('\n', 1)[0] ?? '';
}

function failed(code: string, detail: string): Verdict {
  return { kind: 'failed', reason: { code, detail } };
}

function waiting(code: string, detail: string): Verdict {
  return { kind: 'waiting', reason: { code, detail } };
}
