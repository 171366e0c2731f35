import { quote, SshsigError } from './error.ts';
import { jsonString } from './json-string.ts';
import { wordLine } from './line.ts';

/** What `ssh-keygen -Y sign -n` is given for an approval. */
export const APPROVAL_NAMESPACE = 'countersign-approval';

/** What an approver signs for: one payout, and until when. */
export interface ApprovalTerms {
  readonly payoutId: string;
  /** The key that pays, as one deployment calls it. */
  readonly keyId: string;
  /** The account that pays, which is nobody else's on its chain: `G…`, or EIP-55. */
  readonly account: string;
  /** CAIP-2 id of the chain. */
  readonly network: string;
  /** In canonical form: `G…`, `M…`, `C…`, or EIP-55. */
  readonly destination: string;
  /** CAIP-19 id. */
  readonly asset: string;
  /** In the smallest unit of the asset. */
  readonly amount: bigint;
  /** `type:value`, as `memoText` of @countersign/chains writes it; none for a payout without a memo. */
  readonly memo?: string | undefined;
  /** Unix seconds. */
  readonly expiresAt: bigint;
}

const MEMO = /^(text|id|hash|return):/;

/**
 * The text that an approver signs, in docs/ssh-signatures.md line by line. No two different terms have the same text.
 * @throws SshsigError INVALID_TERMS naming the line.
 */
export function approvalStatement(terms: ApprovalTerms): string {
  return [
    'countersign approval v1\n',
    wordLine('payout', terms.payoutId),
    wordLine('key', terms.keyId),
    wordLine('account', terms.account),
    wordLine('network', terms.network),
    wordLine('destination', terms.destination),
    wordLine('asset', terms.asset),
    wordLine('amount', positive('amount', terms.amount)),
    `memo: ${memoValue(terms.memo)}\n`,
    wordLine('expires', positive('expires', terms.expiresAt)),
  ].join('');
}

function positive(name: string, value: bigint): string {
  if (value > 0n) return value.toString();
  throw new SshsigError('INVALID_TERMS', `${name}: expected a number above 0, got ${value}`);
}

function memoValue(memo: string | undefined): string {
  if (memo === undefined) return 'none';
  if (MEMO.test(memo)) return jsonString(memo);
  throw new SshsigError('INVALID_TERMS', `memo: expected text:…, id:…, hash:… or return:…, got ${quote(memo)}`);
}
