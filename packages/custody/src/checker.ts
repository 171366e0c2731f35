/**
 * Takes the message and what a backend answered, gives back the verified wire form in bytes of its own.
 * @throws CustodyError `SIGNATURE_INVALID`
 */
export type SignatureChecker = (message: Uint8Array, raw: Uint8Array) => Uint8Array;
