import { CustodyError } from './error.ts';

/** A backend signs hashes of transactions, nothing else: PKCS#11 and some KMS take any length silently. */
const MESSAGE_BYTES = 32;

/** @throws CustodyError `REFUSED` unless the message is exactly 32 bytes */
export function assertMessage(message: Uint8Array): void {
  if (message.length !== MESSAGE_BYTES) {
    throw new CustodyError('REFUSED', `message: expected ${MESSAGE_BYTES} bytes, got ${message.length}`);
  }
}
