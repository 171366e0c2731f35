import { type ChangeTrustOp, ChangeTrustResult, OperationResult, OperationResultTr } from '@stellar/stellar-sdk/xdr';
import { ACCOUNT_FLAGS, subentryProblem } from '../account.ts';
import { type CreditAsset, creditAsset } from '../asset.ts';
import { nameOf } from '../entry-name.ts';
import { TRUSTLINE_FLAGS, type Trustline } from '../trustline.ts';
import type { OperationContext, OperationRules } from './operation.ts';

/** Creates a trustline, sets its limit, or deletes it (limit 0). Pool shares are not modelled: `rulesOf` leaves them out. */
export function changeTrust({ line, limit }: ChangeTrustOp): OperationRules {
  const asset = creditAsset(line);
  return {
    threshold: 'medium',
    success: result(ChangeTrustResult.changeTrustSuccess()),
    touches: (source) => (asset ? [nameOf.trustline(source, asset)] : []),
    check: (source) =>
      limit < 0n || !asset || asset.issuer === source ? result(ChangeTrustResult.changeTrustMalformed()) : undefined,
    apply: (context) => {
      if (!asset) return result(ChangeTrustResult.changeTrustMalformed());
      const trustline = context.entries.trustline(context.source, asset);
      return trustline ? setLimit(context, trustline, limit) : createLine(context, asset, limit);
    },
  };
}

function setLimit({ entries, source }: OperationContext, trustline: Trustline, limit: bigint) {
  if (limit < trustline.balance) return result(ChangeTrustResult.changeTrustInvalidLimit());
  if (limit > 0n) {
    if (!entries.account(trustline.asset.issuer)) return result(ChangeTrustResult.changeTrustNoIssuer());
    entries.put({ ...trustline, limit });
    return undefined;
  }
  const account = entries.account(source);
  if (!account) return OperationResult.opNoAccount();
  entries.put({ ...account, subentries: account.subentries - 1 });
  entries.delete(trustline);
  return undefined;
}

function createLine({ entries, source, ledger }: OperationContext, asset: CreditAsset, limit: bigint) {
  if (limit === 0n) return result(ChangeTrustResult.changeTrustInvalidLimit());
  const issuer = entries.account(asset.issuer);
  if (!issuer) return result(ChangeTrustResult.changeTrustNoIssuer());
  const account = entries.account(source);
  if (!account) return OperationResult.opNoAccount();
  switch (subentryProblem(account, ledger.baseReserve)) {
    case 'tooManySubentries':
      return OperationResult.opTooManySubentries();
    case 'lowReserve':
      return result(ChangeTrustResult.changeTrustLowReserve());
    case undefined:
      entries.put({ ...account, subentries: account.subentries + 1 });
      entries.put(newTrustline(source, asset, limit, issuer.flags));
      return undefined;
  }
}

/** Authorized at once unless the issuer asks for it first; what may be clawed back later is decided now. */
function newTrustline(account: string, asset: CreditAsset, limit: bigint, issuerFlags: number): Trustline {
  const authorized = (issuerFlags & ACCOUNT_FLAGS.required) === 0 ? TRUSTLINE_FLAGS.authorized : 0;
  const clawback = (issuerFlags & ACCOUNT_FLAGS.clawback) === 0 ? 0 : TRUSTLINE_FLAGS.clawback;
  return { kind: 'trustline', account, asset, balance: 0n, limit, flags: authorized | clawback, lastModified: 0 };
}

function result(inner: ChangeTrustResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.changeTrust(inner));
}
