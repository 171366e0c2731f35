import {
  OperationResult,
  OperationResultTr,
  type SetTrustLineFlagsOp,
  SetTrustLineFlagsResult,
} from '@stellar/stellar-sdk/xdr';
import { ACCOUNT_FLAGS } from '../account.ts';
import { type Address, addressOfKey } from '../address.ts';
import { creditAsset } from '../asset.ts';
import { nameOf } from '../entry-name.ts';
import { TRUSTLINE_FLAGS } from '../trustline.ts';
import type { OperationRules } from './operation.ts';

const AUTHORIZATION = TRUSTLINE_FLAGS.authorized | TRUSTLINE_FLAGS.maintainLiabilities;
const ALL_FLAGS = AUTHORIZATION | TRUSTLINE_FLAGS.clawback;

/** An issuer lets an account hold its asset, only keep what it has, or neither; or gives up the right to claw back. */
export function setTrustLineFlags({ trustor, asset, clearFlags, setFlags }: SetTrustLineFlagsOp): OperationRules {
  const holder = addressOfKey(trustor.ed25519.value);
  const credit = creditAsset(asset);
  const isMalformed = (source: Address) =>
    credit?.issuer !== source ||
    holder === source ||
    (setFlags & clearFlags) !== 0 ||
    setFlags > AUTHORIZATION ||
    isContradiction(setFlags) ||
    clearFlags > ALL_FLAGS;
  return {
    threshold: 'low',
    success: result(SetTrustLineFlagsResult.setTrustLineFlagsSuccess()),
    touches: () => (credit ? [nameOf.trustline(holder, credit)] : []),
    check: (source) => (isMalformed(source) ? result(SetTrustLineFlagsResult.setTrustLineFlagsMalformed()) : undefined),
    apply: ({ entries, source }) => {
      const issuer = entries.account(source);
      if (!issuer) return OperationResult.opNoAccount();
      const revocable = (issuer.flags & ACCOUNT_FLAGS.revocable) !== 0;
      const authorizes = (setFlags & TRUSTLINE_FLAGS.authorized) !== 0;
      if (!revocable && (clearFlags & AUTHORIZATION) !== 0 && !authorizes) {
        return result(SetTrustLineFlagsResult.setTrustLineFlagsCantRevoke());
      }
      const trustline = credit && entries.trustline(holder, credit);
      if (!trustline) return result(SetTrustLineFlagsResult.setTrustLineFlagsNoTrustLine());
      const flags = (trustline.flags & ~clearFlags) | setFlags;
      if (isContradiction(flags)) return result(SetTrustLineFlagsResult.setTrustLineFlagsInvalidState());
      entries.put({ ...trustline, flags });
      return undefined;
    },
  };
}

/** Authorized and authorized only to maintain liabilities exclude each other. */
function isContradiction(flags: number): boolean {
  return (flags & AUTHORIZATION) === AUTHORIZATION;
}

function result(inner: SetTrustLineFlagsResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.setTrustLineFlags(inner));
}
