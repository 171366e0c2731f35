import { create } from '@bufbuild/protobuf';
import { memoText } from '@countersign/chains/transfer';
import { ApprovalSchema, type SignTransactionRequest } from '@countersign/contract/signer';
import { createSshSigner, type SshSigner } from '@countersign/dev/ssh-signer';
import { APPROVAL_NAMESPACE, type ApprovalTerms, approvalStatement } from '@countersign/sshsig/approval';
import { POLICY_NAMESPACE } from '@countersign/sshsig/policy-bundle';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { declaring, evm, secondsFromNow, stellar } from '../forge/requests.ts';
import { APPROVERS } from '../rules.ts';

const { alice, bob, carol } = APPROVERS;
const mallory = createSshSigner('mallory');

interface Signing {
  readonly namespace?: string;
  /** What stands in the approval; in the statement unless that says otherwise. */
  readonly expiresAt?: bigint;
  /** What the people saw, where it is not what is asked for. */
  readonly seen?: Partial<ApprovalTerms>;
  /** What becomes of the signature. */
  readonly forged?: (signature: Uint8Array) => Uint8Array;
}

/** The request with the approvals of these people for its one payout. */
function approved(
  { world: { keys } }: Attacker,
  request: SignTransactionRequest,
  people: readonly SshSigner[],
  {
    namespace = APPROVAL_NAMESPACE,
    expiresAt = secondsFromNow(600),
    seen = {},
    forged = (bytes) => bytes,
  }: Signing = {},
): SignTransactionRequest {
  const [payout] = request.payouts;
  if (payout === undefined) throw new Error('expected a payout');
  const { payoutId, destination, asset, amount, memo } = payout;
  const text = memo?.kind.case === 'text' ? memoText({ type: 'text', value: memo.kind.value }) : undefined;
  const [network = ''] = asset.split('/');
  const terms = {
    payoutId,
    keyId: request.keyId,
    account: network.startsWith('stellar:') ? keys.stellar.address : keys.evm.address,
    network,
    destination,
    asset,
    amount: BigInt(amount),
    memo: text,
    expiresAt,
  };
  const statement = approvalStatement({ ...terms, ...seen });
  const approvals = people.map((person) =>
    create(ApprovalSchema, { expiresAt, signature: forged(person.sign(namespace, statement)) }),
  );
  return declaring(request, { approvals });
}

type Forge = (t: Attacker) => SignTransactionRequest | Promise<SignTransactionRequest>;

const run = (forge: Forge) => async (t: Attacker) => {
  const attacker = await t.under('approvals');
  return attacker.sign(await forge(attacker));
};

/** A payment above the amount that needs approvals, with these. */
const paying =
  (people: readonly SshSigner[], signing: Signing = {}): Forge =>
  (t) =>
    approved(t, stellar(t, { amount: 20_000_000n }), people, signing);

const seen = (terms: Partial<ApprovalTerms>) => paying([alice, bob], { seen: terms });
const REQUIRED = 'APPROVAL_REQUIRED APPROVAL_REQUIRED';
const TERMS = 'approvals of exactly these terms';
const PEOPLE = 'approvers of the policy';
const VALID = 'valid SSH signatures';

/** Forged, borrowed and stretched approvals. */
export const APPROVALS = attacks<Forge>('request', 'C13', run, [
  ['approval-none', 'an amount that needs approvals, without any', PEOPLE, REQUIRED, paying([])],
  ['approval-one', 'the approval of one, where two are needed', PEOPLE, REQUIRED, paying([alice])],
  ['approval-twice', 'the approval of one, twice', PEOPLE, REQUIRED, paying([alice, alice])],
  [
    'approval-one-resigned',
    'two approvals of one person, with other ends',
    PEOPLE,
    REQUIRED,
    (t) => {
      const request = stellar(t, { amount: 20_000_000n });
      const [first, second] = [600, 601].map((seconds) =>
        approved(t, request, [alice], { expiresAt: secondsFromNow(seconds) }),
      );
      return declaring(request, {
        approvals: [...(first?.payouts[0]?.approvals ?? []), ...(second?.payouts[0]?.approvals ?? [])],
      });
    },
  ],
  ['approval-stranger', 'the approvals of one approver and of a stranger', PEOPLE, REQUIRED, paying([alice, mallory])],
  ['approval-strangers', 'sixteen strangers', PEOPLE, REQUIRED, paying(new Array(16).fill(mallory))],
  [
    'approval-renamed',
    'a stranger who calls his key `alice`',
    PEOPLE,
    REQUIRED,
    paying([bob, createSshSigner('alice')]),
  ],
  [
    'approval-17',
    '17 approvals: time to verify them',
    'at most 16 approvals',
    'INVALID_REQUEST FIELD_INVALID',
    paying(new Array(17).fill(mallory)),
  ],
  ['approval-amount', 'approvals of a smaller amount', TERMS, REQUIRED, seen({ amount: 20_000n })],
  [
    'approval-destination',
    'approvals of another destination',
    TERMS,
    REQUIRED,
    (t) =>
      approved(t, stellar(t, { amount: 20_000_000n }), [alice, bob], {
        seen: { destination: t.world.recipients.stellar[1] ?? '' },
      }),
  ],
  [
    'approval-payout',
    'approvals of another payout of the same terms, which was paid',
    TERMS,
    REQUIRED,
    seen({ payoutId: 'po_approved' }),
  ],
  ['approval-network', 'approvals for the test network', TERMS, REQUIRED, seen({ network: 'stellar:testnet' })],
  ['approval-key', 'approvals of a payout by another key', TERMS, REQUIRED, seen({ keyId: 'treasury-evm' })],
  [
    'approval-account',
    'approvals of a payout by a key of the same name, from the account of another deployment',
    TERMS,
    REQUIRED,
    seen({ account: 'GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q' }),
  ],
  [
    'approval-account-evm',
    'the same on EVM',
    TERMS,
    REQUIRED,
    async (t) =>
      approved(t, await evm(t, { amount: 200_000_000_000_000_000n }), [alice, bob], {
        seen: { account: t.world.keys.tokenDeployer },
      }),
  ],
  ['approval-asset', 'approvals of another asset', TERMS, REQUIRED, seen({ asset: 'stellar:standalone/slip44:148x' })],
  [
    'approval-memo',
    'approvals of a payout with a memo, for one without',
    TERMS,
    REQUIRED,
    seen({ memo: 'text:invoice 7' }),
  ],
  [
    'approval-memo-none',
    'a memo of the attacker’s with approvals of none',
    TERMS,
    REQUIRED,
    (t) => approved(t, declaringMemo(t), [alice, bob], { seen: { memo: undefined } }),
  ],
  [
    'approval-stretched',
    'approvals whose end is set later than the people saw',
    TERMS,
    REQUIRED,
    (t) => approved(t, stellar(t, { amount: 20_000_000n }), [alice, bob], { seen: { expiresAt: secondsFromNow(10) } }),
  ],
  [
    'approval-expired',
    'approvals that have expired',
    'approvals in their time',
    REQUIRED,
    paying([alice, bob], { expiresAt: secondsFromNow(-1) }),
  ],
  [
    'approval-endless',
    'approvals for a year: a cheque for later',
    'approvals in their time',
    REQUIRED,
    paying([alice, bob], { expiresAt: secondsFromNow(31_536_000) }),
  ],
  [
    'approval-namespace',
    'signatures that the people gave for a file',
    VALID,
    REQUIRED,
    paying([alice, bob], { namespace: 'file' }),
  ],
  [
    'approval-namespace-policy',
    'signatures that operators gave for a policy',
    VALID,
    REQUIRED,
    paying([alice, bob], { namespace: POLICY_NAMESPACE }),
  ],
  [
    'approval-bit',
    'a flipped bit in each signature',
    VALID,
    REQUIRED,
    paying([alice, bob], { forged: (bytes) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1) }),
  ],
  ['approval-empty', 'empty signatures', VALID, REQUIRED, paying([alice, bob], { forged: () => new Uint8Array() })],
  [
    'approval-trailing',
    'a byte after each signature',
    VALID,
    REQUIRED,
    paying([alice, bob], { forged: (bytes) => Uint8Array.of(...bytes, 0) }),
  ],
  [
    'approval-key-swapped',
    'the key of an approver in a signature of the attacker’s',
    VALID,
    REQUIRED,
    paying([mallory, mallory], { forged: (bytes) => swappedKey(bytes, alice) }),
  ],
  [
    'approval-unlisted',
    'approved by all, to a destination that policy never pays',
    'listed destinations',
    'POLICY_DENIED DESTINATION_NOT_ALLOWED',
    (t) => approved(t, stellar(t, { destination: t.world.keys.admin.publicKey() }), [alice, bob, carol]),
  ],
  [
    'approval-unlisted-evm',
    'an unlisted destination with one approval of two',
    PEOPLE,
    REQUIRED,
    async (t) => approved(t, await evm(t, { destination: t.world.keys.tokenDeployer }), [carol]),
  ],
  [
    'approval-own',
    'approved by all, to the treasury itself',
    'never paid',
    'POLICY_DENIED DESTINATION_IS_OWN',
    async (t) => approved(t, await evm(t, { destination: t.world.keys.evm.address }), [alice, bob, carol]),
  ],
  [
    'approval-above-limit',
    'approved by all, above the limit of a payout',
    'limit of a payout',
    'POLICY_DENIED AMOUNT_ABOVE_LIMIT',
    (t) => approved(t, stellar(t, { amount: 10_000_000_001n }), [alice, bob, carol]),
  ],
]);

function declaringMemo(t: Attacker): SignTransactionRequest {
  return declaring(stellar(t, { amount: 20_000_000n }, { memo: { type: 'text', value: 'me' } }), {});
}

/** The blob of an SSHSIG names the public key at offset 10: its length, then itself. */
function swappedKey(blob: Uint8Array, { publicKey }: SshSigner): Uint8Array {
  const key = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  const length = new DataView(blob.buffer, blob.byteOffset).getUint32(10);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(key.length);
  return Buffer.concat([blob.subarray(0, 10), size, key, blob.subarray(14 + length)]);
}
