// The largest values of the integers of fixed width in Stellar and EVM transactions.
export const MAX_UINT32 = 2n ** 32n - 1n;
export const MAX_INT64 = 2n ** 63n - 1n;
export const MAX_UINT64 = 2n ** 64n - 1n;
export const MAX_INT128 = 2n ** 127n - 1n;
export const MAX_UINT256 = 2n ** 256n - 1n;
