import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Algorithm } from '../backend.ts';
import { CustodyError } from '../error.ts';

const ACCEPTED: Readonly<Record<Algorithm, string>> = {
  ed25519: 'a Stellar secret seed (S…) or 64 hex digits',
  secp256k1: '64 hex digits of a number from 1 to the order less one',
};

/**
 * The 32 secret bytes that a seed variable spells.
 * @throws CustodyError `MISCONFIGURED`, naming the variable; never the value, nor anything about it
 */
export function readSeed(algorithm: Algorithm, variable: string, text: string): Uint8Array {
  const seed = algorithm === 'ed25519' ? (seedFromStrkey(text) ?? seedFromHex(text)) : scalarFromHex(text);
  if (seed === undefined) {
    throw new CustodyError('MISCONFIGURED', `${variable}: expected ${ACCEPTED[algorithm]}, got something else`);
  }
  return seed;
}

/** Into memory of its own: `Buffer.from` would leave a copy in the pool that all buffers share. */
function seedFromHex(text: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) return undefined;
  const seed = Buffer.alloc(32);
  seed.write(text, 'hex');
  return seed;
}

function scalarFromHex(text: string): Uint8Array | undefined {
  const scalar = seedFromHex(text.startsWith('0x') ? text.slice(2) : text);
  return scalar !== undefined && secp256k1.utils.isValidSecretKey(scalar) ? scalar : undefined;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const SEED_VERSION = 18 << 3;

/** SEP-23: base32 without padding of version byte, 32 bytes and CRC-16/XMODEM, little-endian. 56 characters, no rest. */
function seedFromStrkey(text: string): Uint8Array | undefined {
  if (!/^S[A-Z2-7]{55}$/.test(text)) return undefined;
  const bytes = new Uint8Array(35);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text) {
    held = ((held << 5) | BASE32.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
    }
  }
  const payload = bytes.subarray(0, 33);
  const checksum = new DataView(bytes.buffer).getUint16(33, true);
  const seed = payload[0] === SEED_VERSION && crc16(payload) === checksum ? payload.slice(1) : undefined;
  bytes.fill(0);
  return seed;
}

/** CRC-16/XMODEM: polynomial 0x1021, start 0. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc;
}
