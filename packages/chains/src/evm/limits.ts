export const MAX_UINT64 = 2n ** 64n - 1n;
export const MAX_UINT256 = 2n ** 256n - 1n;
/** EIP-2681: the account nonce itself ends at 2^64 - 1, so that a transaction carries at most one less. */
export const MAX_NONCE = MAX_UINT64 - 1n;
