import { change, type Switch, unthrown } from '../switch.ts';

const PAYOUTS = 'packages/policy/src/decide-payouts.ts';
const APPROVERS = 'services/signer/src/signing/approvers.ts';
const SSHSIG = 'packages/sshsig/src/sshsig.ts';

/** Approvals, at stage 4. */
export const APPROVE: readonly Switch[] = [
  {
    guard: 'listed destinations',
    attack: 'approval-unlisted',
    patches: [change(PAYOUTS, '&& approvals?.unlistedDestinations === true;', '&& approvals !== undefined;')],
  },
  {
    guard: 'never paid',
    attack: 'approval-own',
    patches: [change(PAYOUTS, 'if (never !== undefined) {', "if (never === 'nobody') {")],
  },
  {
    guard: 'approvers of the policy',
    attack: 'approval-one',
    patches: [change(PAYOUTS, 'signed >= approvals.threshold', 'signed > 0')],
  },
  {
    guard: 'approvers of the policy',
    attack: 'approval-twice',
    patches: [
      change(APPROVERS, 'claimed.set(name, approval)', 'claimed.set(name + claimed.size, approval)'),
      change(PAYOUTS, 'known.has(name)', 'name'),
    ],
    alone: ['APPROVAL_REQUIRED APPROVAL_REQUIRED', 'APPROVAL_REQUIRED APPROVAL_REQUIRED'],
  },
  {
    guard: 'approvals of exactly these terms',
    attack: 'approval-payout',
    patches: [change(APPROVERS, 'payoutId: payout.payoutId,', "payoutId: 'po_approved',")],
  },
  {
    guard: 'approvals of exactly these terms',
    attack: 'approval-account',
    patches: [
      change(APPROVERS, '    account,', "    account: 'GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q',"),
    ],
  },
  {
    guard: 'approvals in their time',
    attack: 'approval-expired',
    patches: [change(APPROVERS, 'expiresAt <= now || ', '')],
  },
  {
    guard: 'approvals in their time',
    attack: 'approval-endless',
    patches: [change(APPROVERS, ' || expiresAt - now > rules.maxLifetime', '')],
  },
  {
    guard: 'valid SSH signatures',
    attack: 'approval-namespace',
    patches: [unthrown(SSHSIG, "new SshsigError('NAMESPACE_DIFFERS',")],
  },
  {
    guard: 'valid SSH signatures',
    attack: 'approval-bit',
    patches: [unthrown(SSHSIG, "new SshsigError('SIGNATURE_INVALID',")],
  },
];
