import { Address as ScAddressText, scValToBigInt } from '@stellar/stellar-sdk/base';
import { Int128Parts, ScMapEntry, ScVal } from '@stellar/stellar-sdk/xdr';
import { hostError } from './host-error.ts';

export const MAX_INT128 = 2n ** 127n - 1n;

export function symbol(text: string): ScVal {
  return ScVal.scvSymbol(text);
}

export function int128(value: bigint): ScVal {
  return ScVal.scvI128(new Int128Parts({ hi: value >> 64n, lo: BigInt.asUintN(64, value) }));
}

/** `G…` or `C…`. */
export function address(text: string): ScVal {
  return ScVal.scvAddress(ScAddressText.fromString(text).toScAddress());
}

/** A struct as contracts write it: a map from symbols, which the host keeps sorted. */
export function struct(fields: Readonly<Record<string, ScVal>>): ScVal {
  return ScVal.scvMap(
    Object.keys(fields)
      .sort()
      .flatMap((name) => {
        const val = fields[name];
        return val ? [new ScMapEntry({ key: symbol(name), val })] : [];
      }),
  );
}

/** The fields of such a struct. Throws a HostError for anything else. */
export function structFields(value: ScVal | undefined): ReadonlyMap<string, ScVal> {
  if (value?.type !== 'scvMap' || !value.map) throw hostError.unexpectedType('expected a map');
  return new Map(value.map.map(({ key, val }) => [symbolText(key), val]));
}

export function symbolText(value: ScVal | undefined): string {
  if (value?.type !== 'scvSymbol') throw hostError.unexpectedType('expected a symbol');
  return value.sym.toString();
}

export function readInt128(value: ScVal | undefined): bigint {
  if (value?.type !== 'scvI128') throw hostError.unexpectedType('expected an i128');
  return scValToBigInt(value);
}

export function readBool(value: ScVal | undefined): boolean {
  if (value?.type !== 'scvBool') throw hostError.unexpectedType('expected a bool');
  return value.b;
}

export function readBytes(value: ScVal | undefined, length: number): Uint8Array {
  if (value?.type !== 'scvBytes') throw hostError.unexpectedType('expected bytes');
  const { value: bytes } = value.bytes;
  if (bytes.length !== length) throw hostError.unexpectedType(`expected ${length} bytes`);
  return bytes;
}
