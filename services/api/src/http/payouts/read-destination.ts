import { parseEvmAddress } from '@countersign/chains/evm/address';
import { parseStellarDestination, type StellarDestination } from '@countersign/chains/stellar/address';
import { assetContract } from '@countersign/chains/stellar/contract';
import type { ConfiguredAsset, EvmChainConfig, StellarChainConfig, StellarTreasury } from '../../config/chains.ts';
import { accepted, type Read, reading, refused } from './read.ts';

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

/**
 * Reads where a payout on Stellar goes: an account, or a contract where the payer makes contract calls. `payer` is
 * undefined where none could be read.
 */
export function readStellarDestination(
  text: string,
  config: StellarChainConfig,
  asset: ConfiguredAsset,
  payer: StellarTreasury | undefined,
): Read<StellarDestination> {
  const read = reading('destination', () => parseStellarDestination(text));
  if (!read.ok) return read;
  const destination = read.value;
  if (destination.kind === 'contract') {
    if (isToken(destination.address, config)) return tokenContract();
    if (payer !== undefined && payer.soroban === undefined) {
      return refused(
        'destination',
        'CONTRACT_NOT_ALLOWED',
        `expected an account (G… or M…): ${payer.key} calls no contract`,
      );
    }
    return read;
  }
  if (asset.kind === 'sep41' && destination.kind === 'muxed') {
    return refused(
      'destination',
      'DESTINATION_NOT_SUPPORTED',
      'expected G… or C…: a token contract knows no M… address',
    );
  }
  const own = config.treasuries.flatMap(({ account, channels }) => [account, ...channels]);
  return own.includes(destination.account) ? ownAccount() : read;
}

/** What is paid to the contract of a token is lost. */
function isToken(contract: string, { assets, networkPassphrase }: StellarChainConfig): boolean {
  return assets.some(({ id }) => assetContract(networkPassphrase, id) === contract);
}

/** Reads where a payout on an EVM chain goes: an address that can own what it is paid. */
export function readEvmDestination(text: string, { assets, treasuries }: EvmChainConfig): Read<string> {
  const address = reading('destination', () => parseEvmAddress(text));
  if (!address.ok) return address;
  if (address.value === ZERO_ADDRESS) {
    return refused('destination', 'ZERO_ADDRESS', 'expected an address that somebody can own');
  }
  if (assets.some((asset) => asset.kind === 'erc20' && asset.contract === address.value)) return tokenContract();
  return treasuries.some((treasury) => treasury.address === address.value) ? ownAccount() : accepted(address.value);
}

const ownAccount = () =>
  refused('destination', 'OWN_ACCOUNT', 'expected no treasury and no channel account of this chain');
const tokenContract = () =>
  refused('destination', 'TOKEN_CONTRACT', 'expected no contract of a configured token: what it is paid is lost');
