import { parseEvmAddress } from '@countersign/chains/evm/address';
import { MuxedAccount, StrKey } from '@stellar/stellar-sdk/base';
import type { ChainConfig } from '../../config/chains.ts';
import { accepted, type Read, reading, refused } from './read.ts';

const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

/** Reads where a payout goes: an address of the chain, and none that pays there itself. */
export function readDestination(text: string, config: ChainConfig): Read<string> {
  return config.kind === 'stellar'
    ? stellarDestination(
        text,
        config.treasuries.flatMap(({ account, channels }) => [account, ...channels]),
      )
    : evmDestination(
        text,
        config.treasuries.map(({ address }) => address),
      );
}

function stellarDestination(text: string, own: readonly string[]): Read<string> {
  if (StrKey.isValidContract(text)) {
    return refused('destination', 'CONTRACT_NOT_ALLOWED', 'expected an account (G… or M…), got a contract');
  }
  const account = accountOf(text);
  if (account === undefined) {
    return refused('destination', 'INVALID_ADDRESS', 'expected a Stellar account, G… or M… with a right checksum');
  }
  return own.includes(account) ? ownAccount() : accepted(text);
}

/** The G… behind a G… or M… address. */
function accountOf(text: string): string | undefined {
  if (StrKey.isValidEd25519PublicKey(text)) return text;
  return StrKey.isValidMed25519PublicKey(text)
    ? MuxedAccount.fromAddress(text, '0').baseAccount().accountId()
    : undefined;
}

function evmDestination(text: string, own: readonly string[]): Read<string> {
  const address = reading('destination', () => parseEvmAddress(text));
  if (!address.ok) return address;
  if (address.value === ZERO_ADDRESS) {
    return refused('destination', 'ZERO_ADDRESS', 'expected an address that somebody can own');
  }
  return own.includes(address.value) ? ownAccount() : address;
}

const ownAccount = () =>
  refused('destination', 'OWN_ACCOUNT', 'expected no treasury and no channel account of this chain');
