import { Keypair } from '@stellar/stellar-sdk/base';
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts';

/** Who may be paid: the policy lists exactly these. */
export interface Recipients {
  /** `G…`. All but the last exist on the ledger; a payout to the last creates its account. */
  readonly stellar: readonly string[];
  /** EIP-55. */
  readonly evm: readonly string[];
}

/** Fresh addresses whose private keys nobody has kept. */
export function generateRecipients(count: number): Recipients {
  return {
    stellar: Array.from({ length: count }, () => Keypair.random().publicKey()),
    evm: Array.from({ length: count }, () => privateKeyToAddress(generatePrivateKey())),
  };
}
