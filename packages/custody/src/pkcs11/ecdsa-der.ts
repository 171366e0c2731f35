/**
 * DER of r and s (SEC 1, C.8) from r‖s, as CKM_ECDSA answers (PKCS#11 v3.1, section 6.3.1): 32 bytes each, unsigned.
 * Whether they are a signature is for the core to say; so is what has another length, which is left as it is.
 */
export function ecdsaDer(raw: Uint8Array): Uint8Array {
  if (raw.length !== 64) return raw;
  const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return new Uint8Array(Buffer.concat([Buffer.of(0x30, body.length), body]));
}

/** The shortest two's complement of a number that is not negative. */
function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(first === -1 ? bytes.length - 1 : first);
  const sign = (digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.of();
  return Buffer.concat([Buffer.of(0x02, sign.length + digits.length), sign, digits]);
}
