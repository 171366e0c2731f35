import { policyDocument, toYaml } from '@countersign/dev/configuration';
import type { StackKeys } from '@countersign/dev/keys';
import type { Recipients } from '@countersign/dev/recipients';
import { Keypair, StrKey } from '@stellar/stellar-sdk/base';
import { privateKeyToAddress } from 'viem/accounts';
import { APPROVER } from './approvals.ts';

// The keys and recipients of the dev stack, but the same in every run: inputs follow from the seed alone.
const keypair = (byte: number) => Keypair.fromRawEd25519Seed(new Uint8Array(32).fill(byte));
const evmAddress = (byte: number) => privateKeyToAddress(`0x${byte.toString(16).padStart(2, '0').repeat(32)}`);
const treasury = keypair(1);
const ONE = `0x${'1'.padStart(64, '0')}` as const;

export const NOW = 1_800_000_000;

export const KEYS: StackKeys = {
  stellar: {
    seed: treasury.secret(),
    privateKey: treasury.rawSecretKey(),
    publicKey: treasury.rawPublicKey(),
    address: treasury.publicKey(),
  },
  evm: {
    seed: ONE.slice(2),
    privateKey: new Uint8Array(Buffer.from(ONE.slice(2), 'hex')),
    // The generator of secp256k1: the public key of 1.
    publicKey: new Uint8Array(Buffer.from('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798', 'hex')),
    address: privateKeyToAddress(ONE),
  },
  admin: keypair(2),
  channels: [keypair(3), keypair(4)],
  issuer: keypair(5),
  tokenDeployer: evmAddress(6),
};

export const RECIPIENTS: Recipients = {
  stellar: [keypair(10), keypair(11), keypair(12)].map((each) => each.publicKey()),
  contracts: [StrKey.encodeContract(new Uint8Array(32).fill(13))],
  evm: [evmAddress(14), evmAddress(15)],
};

/** Who pays on Stellar, in the words of an approval. */
export const PAYER = { keyId: 'treasury-stellar', account: KEYS.stellar.address };

/** Nobody whom the policy lists: paid with an approval alone. */
export const STRANGER = keypair(16).publicKey();
/** Stroops and units of the stack's USDC on Stellar above which a payout needs one. */
export const APPROVAL_ABOVE = 500_000n;

const policy = policyDocument(KEYS, RECIPIENTS, new Date(NOW * 1000));
const stellarKey = policy.keys['treasury-stellar'];
const approved = Object.entries(stellarKey.stellar.assets).map(([id, rules]) => [
  id,
  { ...rules, approval_above: '0.05' },
]);

/** The dev stack's policy for them, with an approver for what is paid on Stellar. */
export const POLICY_YAML = toYaml({
  ...policy,
  keys: {
    ...policy.keys,
    'treasury-stellar': {
      ...stellarKey,
      approvals: {
        threshold: 1,
        approvers: { [APPROVER.name]: APPROVER.line },
        unlisted_destinations: true,
        max_lifetime_seconds: 3_600,
      },
      stellar: { ...stellarKey.stellar, assets: Object.fromEntries(approved) },
    },
  },
});
