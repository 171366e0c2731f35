import { type Input, optionalText } from './input.ts';
import { KmsError } from './kms-error.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly Truncated: boolean;
  readonly NextMarker?: string;
}

/** One page of a listing. The marker holds how many items came before. */
export function page<Item>(all: readonly Item[], input: Input, limit: number): Page<Item> {
  const marker = optionalText(input, 'Marker');
  const start = marker === undefined ? 0 : startOf(marker);
  const end = start + limit;
  const items = all.slice(start, end);
  return end < all.length
    ? { items, Truncated: true, NextMarker: Buffer.from(String(end)).toString('base64url') }
    : { items, Truncated: false };
}

function startOf(marker: string): number {
  const text = Buffer.from(marker, 'base64url').toString('latin1');
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new KmsError('InvalidMarkerException', 'The marker is not valid.');
  return Number(text);
}
