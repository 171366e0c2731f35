import { quote } from './check.ts';
import { TransactionError } from './error.ts';

// 78 digits of 2^256 - 1, a point, and as many fraction digits as anyone uses.
const MAX_TEXT = 128;

/**
 * Reads a decimal string such as `12.5` into smallest units. No sign, exponent, space or leading zero; no more fraction
 * digits than the asset has (trailing zeros within them are fine); 0 ≤ result ≤ `max`. Whether zero makes sense is the
 * caller's question.
 */
export function parseAmount(text: string, decimals: number, max: bigint): bigint {
  const match =
    typeof text === 'string' && text.length <= MAX_TEXT ? /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text) : null;
  if (match === null) {
    throw new TransactionError('INVALID_AMOUNT', 'amount', `expected a plain decimal number, got ${quote(text)}`);
  }
  const [, whole = '', fraction = ''] = match;
  if (fraction.length > decimals) {
    throw new TransactionError(
      'AMOUNT_TOO_PRECISE',
      'amount',
      `expected at most ${decimals} fraction digits, got ${fraction.length}`,
    );
  }
  const units = BigInt(whole + fraction.padEnd(decimals, '0'));
  if (units > max) {
    throw new TransactionError(
      'AMOUNT_OUT_OF_RANGE',
      'amount',
      `expected at most ${formatAmount(max, decimals)}, got ${text}`,
    );
  }
  return units;
}

/** Writes smallest units as the shortest decimal string: no trailing zeros, no point without a fraction. */
export function formatAmount(units: bigint, decimals: number): string {
  if (units < 0n) throw new TransactionError('INVALID_AMOUNT', 'amount', `expected no negative number, got ${units}`);
  const digits = units.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
