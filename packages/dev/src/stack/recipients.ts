import { randomBytes } from 'node:crypto';
import { Keypair, StrKey } from '@stellar/stellar-sdk/base';
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts';

/** Who may be paid: the policy lists exactly these. */
export interface Recipients {
  /** `G…`. All but the last exist on the ledger; a payout to the last creates its account. */
  readonly stellar: readonly string[];
  /** `C…`: contracts, which are paid by a token's contract. */
  readonly contracts: readonly string[];
  /** EIP-55. */
  readonly evm: readonly string[];
}

/** Recipients, with the one key that the set-up of the ledger needs: the first account opens a trustline. */
export interface NewRecipients extends Recipients {
  readonly holder: Keypair;
}

/** Fresh addresses; but for the holder's, nobody has kept their private keys. */
export function generateRecipients(count: number): NewRecipients {
  const holder = Keypair.random();
  const strangers = Array.from({ length: count - 1 }, () => Keypair.random().publicKey());
  return {
    holder,
    stellar: [holder.publicKey(), ...strangers],
    contracts: [StrKey.encodeContract(randomBytes(32))],
    evm: Array.from({ length: count }, () => privateKeyToAddress(generatePrivateKey())),
  };
}
