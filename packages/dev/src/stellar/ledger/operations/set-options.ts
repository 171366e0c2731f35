import {
  OperationResult,
  OperationResultTr,
  type SetOptionsOp,
  SetOptionsResult,
  type Signer as SignerEntry,
} from '@stellar/stellar-sdk/xdr';
import { ACCOUNT_FLAGS, type Account, subentryProblem } from '../account.ts';
import { type Address, addressOfKey, keyOf } from '../address.ts';
import type { Signer } from '../signatures.ts';
import type { OperationContext, OperationRules } from './operation.ts';

const FLAGS = ACCOUNT_FLAGS;
const ALL_FLAGS = FLAGS.required | FLAGS.revocable | FLAGS.immutable | FLAGS.clawback;
const MAX_SIGNERS = 20;

/** Signers of other types than Ed25519 are refused as bad signers. */
export function setOptions(op: SetOptionsOp): OperationRules {
  const { masterWeight, lowThreshold, medThreshold, highThreshold, signer } = op;
  const weights = [masterWeight, lowThreshold, medThreshold, highThreshold].filter((weight) => weight !== null);
  return {
    threshold: weights.length > 0 || signer ? 'high' : 'medium',
    success: result(SetOptionsResult.setOptionsSuccess()),
    touches: () => [],
    check: (source) => {
      const set = op.setFlags ?? 0;
      const clear = op.clearFlags ?? 0;
      if (set > ALL_FLAGS || clear > ALL_FLAGS) return result(SetOptionsResult.setOptionsUnknownFlag());
      if ((set & clear) !== 0) return result(SetOptionsResult.setOptionsBadFlags());
      if (weights.some((weight) => weight > 255)) return result(SetOptionsResult.setOptionsThresholdOutOfRange());
      if (signer && !isGoodSigner(signer, source)) return result(SetOptionsResult.setOptionsBadSigner());
      if (op.homeDomain?.bytes.some((byte) => byte < 0x20 || byte > 0x7e)) {
        return result(SetOptionsResult.setOptionsInvalidHomeDomain());
      }
      return undefined;
    },
    apply: (context) => {
      const account = context.entries.account(context.source);
      if (!account) return OperationResult.opNoAccount();
      const plainProblem = inflationProblem(op, context) ?? flagsProblem(op, account);
      if (plainProblem) return result(plainProblem);
      const problem = signer && signerProblem(account, signer, context.ledger.baseReserve);
      if (problem) return problem;
      const signers = signer ? withSigner(account.signers, signer) : account.signers;
      const subentries = account.subentries + signers.length - account.signers.length;
      context.entries.put({ ...account, ...plainChanges(op, account), signers, subentries });
      return undefined;
    },
  };
}

function isGoodSigner({ key, weight }: SignerEntry, source: Address): boolean {
  return key.type === 'signerKeyTypeEd25519' && addressOfKey(key.ed25519.value) !== source && weight <= 255;
}

function inflationProblem({ inflationDest }: SetOptionsOp, { entries }: OperationContext) {
  if (!inflationDest || entries.account(addressOfKey(inflationDest.ed25519.value))) return undefined;
  return SetOptionsResult.setOptionsInvalidInflation();
}

function flagsProblem({ setFlags, clearFlags }: SetOptionsOp, account: Account) {
  if (setFlags === null && clearFlags === null) return undefined;
  const touched = (setFlags ?? 0) | (clearFlags ?? 0);
  if (touched !== 0 && (account.flags & FLAGS.immutable) !== 0) return SetOptionsResult.setOptionsCantChange();
  const flags = changedFlags(account.flags, setFlags, clearFlags);
  const clawbackAlone = (flags & FLAGS.clawback) !== 0 && (flags & FLAGS.revocable) === 0;
  return clawbackAlone ? SetOptionsResult.setOptionsAuthRevocableRequired() : undefined;
}

function changedFlags(flags: number, set: number | null, clear: number | null): number {
  return (flags & ~(clear ?? 0)) | (set ?? 0);
}

function plainChanges(op: SetOptionsOp, account: Account) {
  const { thresholds } = account;
  return {
    flags: changedFlags(account.flags, op.setFlags, op.clearFlags),
    homeDomain: op.homeDomain ? op.homeDomain.toStringStrict() : account.homeDomain,
    masterWeight: op.masterWeight ?? account.masterWeight,
    thresholds: {
      low: op.lowThreshold ?? thresholds.low,
      medium: op.medThreshold ?? thresholds.medium,
      high: op.highThreshold ?? thresholds.high,
    },
    ...(op.inflationDest ? { inflationDestination: addressOfKey(op.inflationDest.ed25519.value) } : {}),
  };
}

function signerProblem(account: Account, entry: SignerEntry, baseReserve: bigint) {
  const { signers } = account;
  const [added] = withSigner([], entry);
  if (!added || signers.some(({ key }) => key === added.key)) return undefined;
  if (signers.length === MAX_SIGNERS) return result(SetOptionsResult.setOptionsTooManySigners());
  switch (subentryProblem(account, baseReserve)) {
    case 'tooManySubentries':
      return OperationResult.opTooManySubentries();
    case 'lowReserve':
      return result(SetOptionsResult.setOptionsLowReserve());
    case undefined:
      return undefined;
  }
}

/** The signers with one added, changed, or (weight 0) removed. */
function withSigner(signers: readonly Signer[], { key, weight }: SignerEntry): readonly Signer[] {
  if (key.type !== 'signerKeyTypeEd25519') return signers;
  const signer = { key: addressOfKey(key.ed25519.value), weight };
  const others = signers.filter((other) => other.key !== signer.key);
  if (weight === 0) return others;
  return [...others, signer].sort((a, b) => Buffer.compare(keyOf(a.key), keyOf(b.key)));
}

function result(inner: SetOptionsResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.setOptions(inner));
}
