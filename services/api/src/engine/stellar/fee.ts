/**
 * The fee to offer, in stroops an operation: what the network lately asked, within what the configuration allows. After the
 * network has left one out, the most that is allowed: a bid is a ceiling, the network charges what the ledger's last place cost.
 */
export function inclusionBid(
  { inclusionFee, maxInclusionFee }: { readonly inclusionFee: bigint; readonly maxInclusionFee: bigint },
  observed: bigint,
  leftOutBefore: boolean,
): bigint {
  if (leftOutBefore || observed > maxInclusionFee) return maxInclusionFee;
  return observed > inclusionFee ? observed : inclusionFee;
}
