import { randomBytes } from 'node:crypto';
import { balanceKey } from '@countersign/chains/stellar/contract';
import { Asset, StrKey, scValToNative, xdr } from '@stellar/stellar-sdk/base';
import type { SorobanTerms } from '../../src/config/chains.ts';
import type { WantedPayout } from './database.ts';
import type { StellarWorld, StellarWorldOptions } from './stellar-world.ts';

const SOROBAN: SorobanTerms = { authorizationLedgers: 400n, maxResourceFee: 5_000_000n };

/** A world whose treasury pays by contract calls too. */
export function sorobanWorld(terms: Partial<SorobanTerms> = {}): StellarWorldOptions {
  return { treasury: { soroban: { ...SOROBAN, ...terms } } };
}

/** A contract's address; nothing is there. */
export function newContract(): string {
  return StrKey.encodeContract(randomBytes(32));
}

/** The contract of an asset, which anybody could have created: C… */
export function deployToken({ rpc }: StellarWorld, asset: Asset = Asset.native()): string {
  return rpc.deployAssetContract(asset.isNative() ? 'native' : `${asset.getCode()}:${asset.getIssuer()}`);
}

/**
 * A payout that names a token contract which is not known to be an asset's: the one way by which an asset's contract pays an
 * account.
 */
export function wantToken(world: StellarWorld, token: string, destination: string, amount: bigint): WantedPayout {
  return { ...world.want(destination, amount), asset: `${world.chain.chain}/sep41:${token}` };
}

/** What a contract holds of the token of an asset. */
export function heldBy({ rpc }: StellarWorld, token: string, holder: string): bigint {
  const entry = rpc.ledger.entry(balanceEntry(token, holder));
  return entry?.kind === 'contractData' ? BigInt(scValToNative(entry.value).amount) : 0n;
}

/** Where the token of an asset keeps what a contract holds. */
export function balanceEntry(token: string, holder: string): xdr.LedgerKey {
  return xdr.LedgerKey.contractData(
    new xdr.LedgerKeyContractData({
      contract: xdr.ScAddress.scAddressTypeContract(new xdr.ContractId(StrKey.decodeContract(token))),
      key: xdr.ScVal.fromXdr(balanceKey(holder), 'hex'),
      durability: xdr.ContractDataDurability.persistent,
    }),
  );
}
