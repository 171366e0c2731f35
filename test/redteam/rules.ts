import { policyDocument } from '@countersign/dev/configuration';
import type { StackKeys } from '@countersign/dev/keys';
import type { Recipients } from '@countersign/dev/recipients';
import { createSshSigner, type SshSigner } from '@countersign/dev/ssh-signer';
import { StrKey } from '@stellar/stellar-sdk/base';

/** A token contract of its own (SEP-41) that the policy lists, and the code that it pins. */
const TOKEN = StrKey.encodeContract(new Uint8Array(32).fill(0x70));
const WASM_HASH = '5a'.repeat(32);
export const TOKEN_ASSET = `stellar:standalone/sep41:${TOKEN}`;

/** A caller of the same CA as the API, who may ask for payouts on EVM, and for no cancel. */
export const PAYER = 'spiffe://countersign.dev/payer';

/** Three people, two of whom have to approve; one of them has a key of another algorithm. */
export const APPROVERS = {
  alice: createSshSigner('alice'),
  bob: createSshSigner('bob', 'ecdsa-sha2-nistp256'),
  carol: createSshSigner('carol'),
} as const satisfies Readonly<Record<string, SshSigner>>;

/** The stack's policy, changed so that for each attack one rule alone stands in its way. */
export function redTeamPolicy(keys: StackKeys, recipients: Recipients) {
  const document = policyDocument(keys, recipients);
  const { 'treasury-stellar': stellar, 'treasury-evm': evm } = document.keys;
  const token = { max_per_payout: '1000', decimals: 7, wasm_hash: WASM_HASH };
  return {
    ...document,
    keys: {
      'treasury-stellar': {
        ...stellar,
        stellar: {
          ...stellar.stellar,
          destinations: [...stellar.stellar.destinations, keys.issuer.publicKey()],
          assets: { ...stellar.stellar.assets, [TOKEN_ASSET]: token },
          allow_create_account: false,
        },
      },
      'treasury-evm': { ...evm, callers: { ...evm.callers, [PAYER]: ['payout'] } },
    },
  };
}
type RedTeamPolicy = ReturnType<typeof redTeamPolicy>;

/** The policies of the arena: the first, and others for attacks on what it does not have. */
export const VARIANTS = {
  plain: (policy: RedTeamPolicy) => policy,
  /** Two of three approve above 1 lumen and above 0.1 ether, there also who is not listed. */
  approvals: (policy: RedTeamPolicy) => {
    const approvals = {
      threshold: 2,
      approvers: Object.fromEntries(Object.entries(APPROVERS).map(([name, { publicKey }]) => [name, publicKey])),
      unlisted_destinations: false,
      max_lifetime_seconds: 3600,
    };
    const { 'treasury-stellar': stellar, 'treasury-evm': evm } = policy.keys;
    return {
      ...policy,
      keys: {
        'treasury-stellar': {
          ...stellar,
          approvals,
          stellar: { ...stellar.stellar, assets: mapped(stellar.stellar.assets, () => ({ approval_above: '1' })) },
        },
        'treasury-evm': {
          ...evm,
          approvals: { ...approvals, unlisted_destinations: true },
          evm: { ...evm.evm, assets: mapped(evm.evm.assets, () => ({ approval_above: '0.1' })) },
        },
      },
    };
  },
  /** 20 of each asset an hour, by three payouts at most; of fees what two transactions may offer. */
  windows: (policy: RedTeamPolicy) => {
    const limits = {
      max_per_payout: '10',
      max_per_transaction: '20',
      windows: [{ seconds: 3600, max_amount: '20', max_count: 3 }],
    };
    const { 'treasury-stellar': stellar, 'treasury-evm': evm } = policy.keys;
    return {
      ...policy,
      keys: {
        'treasury-stellar': {
          ...stellar,
          fee_budget: [{ seconds: 3600, max: '1' }],
          stellar: { ...stellar.stellar, assets: mapped(stellar.stellar.assets, () => limits) },
        },
        'treasury-evm': {
          ...evm,
          fee_budget: [{ seconds: 3600, max: '0.05' }],
          evm: { ...evm.evm, assets: mapped(evm.evm.assets, () => limits) },
        },
      },
    };
  },
  /** The next version, which pays less. */
  newer: (policy: RedTeamPolicy) => {
    const { 'treasury-stellar': stellar } = policy.keys;
    const assets = mapped(stellar.stellar.assets, () => ({ max_per_payout: '0.5', max_per_transaction: '50' }));
    const tighter = { ...stellar, stellar: { ...stellar.stellar, assets } };
    return { ...policy, version: 2, keys: { ...policy.keys, 'treasury-stellar': tighter } };
  },
} as const;
export type Variant = keyof typeof VARIANTS;

/** Limits of every asset with these laid over them. */
function mapped<Limits extends object, Change extends object>(
  assets: Readonly<Record<string, Limits>>,
  change: () => Change,
): Record<string, Limits & Change> {
  return Object.fromEntries(Object.entries(assets).map(([id, limits]) => [id, { ...limits, ...change() }]));
}
