import { secp256k1 } from '@noble/curves/secp256k1.js';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { Address } from 'viem';
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts';

/** The key ids that the dev stack registers. */
export type KeyId = 'treasury-stellar' | 'treasury-evm';

export const KEY_IDS: readonly KeyId[] = ['treasury-stellar', 'treasury-evm'];

/** An Ed25519 treasury key: a Stellar account. */
export interface StellarTreasuryKey {
  /** `S…` (StrKey). */
  readonly seed: string;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** `G…` (StrKey). */
  readonly address: string;
}

/** A secp256k1 treasury key: an EVM address. */
export interface EvmTreasuryKey {
  /** 64 hex digits. */
  readonly seed: string;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** 33 bytes, compressed (SEC 1). */
  readonly publicKey: Uint8Array;
  /** EIP-55. */
  readonly address: string;
}

/** All the keys of one run of the stack. */
export interface StackKeys {
  readonly stellar: StellarTreasuryKey;
  readonly evm: EvmTreasuryKey;
  /** Holds the high threshold of the treasury and of the channels. Only the set-up of the ledger uses it. */
  readonly admin: Keypair;
  /** Their own keys lose all weight in the set-up of the ledger. */
  readonly channels: readonly Keypair[];
  /** Issues the dev ledger's USDC. */
  readonly issuer: Keypair;
  /** Creates the ERC-20 token on anvil, which needs no key of it. */
  readonly tokenDeployer: Address;
}

/** Makes fresh keys: nothing that the dev stack signs with outlives a run. */
export function generateKeys(channels: number): StackKeys {
  const treasury = Keypair.random();
  const privateKey = secp256k1.utils.randomSecretKey();
  const seed = Buffer.from(privateKey).toString('hex');
  return {
    stellar: {
      seed: treasury.secret(),
      privateKey: treasury.rawSecretKey(),
      publicKey: treasury.rawPublicKey(),
      address: treasury.publicKey(),
    },
    evm: {
      seed,
      privateKey,
      publicKey: secp256k1.getPublicKey(privateKey, true),
      address: privateKeyToAddress(`0x${seed}`),
    },
    admin: Keypair.random(),
    channels: Array.from({ length: channels }, () => Keypair.random()),
    issuer: Keypair.random(),
    tokenDeployer: privateKeyToAddress(generatePrivateKey()),
  };
}
