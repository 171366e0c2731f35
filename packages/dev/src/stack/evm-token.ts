import { deployToken, mint } from '../tokens/tokens.ts';
import { evmTokenAddress } from './assets.ts';
import type { StackKeys } from './keys.ts';

/** In the token's smallest unit: a million, with six decimals. */
const TREASURY_BALANCE = 1_000_000n * 10n ** 6n;

/** Creates the ERC-20 token on anvil, where the configuration already says that it is, and gives the treasury its balance. */
export async function setUpEvmToken(rpcUrl: string, keys: StackKeys): Promise<void> {
  const token = await deployToken(rpcUrl, 'PlainToken', keys.tokenDeployer);
  const expected = evmTokenAddress(keys);
  if (token.address !== expected) throw new Error(`the token: expected it at ${expected}, got ${token.address}`);
  await mint(rpcUrl, token, keys.evm.address, TREASURY_BALANCE);
}
