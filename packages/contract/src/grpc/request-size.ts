/**
 * The largest request that crosses the wall. 99 payouts, each with 16 approvals by the largest keys there are, and a Stellar
 * envelope of 100 operations are some 700 KB.
 */
export const MAX_REQUEST_BYTES = 1024 * 1024;
