import { evmAddress } from '@countersign/chains/evm/address';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import type { KeyConfig } from '@countersign/custody/keys-config';

type Custody = NonNullable<KeyConfig['custodies'][keyof KeyConfig['custodies']]>;

/** What anybody may know of a key, and where it lives. */
export interface KeyDescription {
  readonly id: string;
  readonly algorithm: KeyConfig['algorithm'];
  /** Hex. */
  readonly publicKey: string;
  /** `G…`, or EIP-55. */
  readonly address: string;
  /** As the keys file has them, by path. */
  readonly custodies: Readonly<Record<string, Custody>>;
}

export function describeKey(id: string, { algorithm, public_key: publicKey, custodies }: KeyConfig): KeyDescription {
  const bytes = new Uint8Array(Buffer.from(publicKey, 'hex'));
  const address = algorithm === 'ed25519' ? stellarAddress(bytes) : evmAddress(bytes);
  const places = Object.entries(custodies).flatMap(([path, custody]) => (custody ? [[path, custody] as const] : []));
  return { id, algorithm, publicKey, address, custodies: Object.fromEntries(places) };
}

/** One custody in a line: `aws-kms, key alias/treasury`. */
export function custodyText({ backend, ...where }: Custody): string {
  return [backend, ...Object.entries(where).map(([word, value]) => `${word} ${String(value)}`)].join(', ');
}
