import { authorizationNonce } from '@countersign/chains/stellar/lane';
import type { StackKeys } from '@countersign/dev/keys';
import { Address, Asset, SorobanDataBuilder, xdr } from '@stellar/stellar-sdk/base';
import { PASSPHRASE } from './requests.ts';

interface World {
  readonly keys: StackKeys;
  readonly recipients: { readonly contracts: readonly string[] };
}

export interface SorobanChange {
  readonly instructions?: number;
  /** Of the entry; the payout's own unless said otherwise. */
  readonly nonce?: bigint;
  /** Further keys that the transaction would write. */
  readonly more?: readonly xdr.LedgerKey[];
}

const { temporary, persistent } = xdr.ContractDataDurability;

/** What a simulation gives for a transfer of USDC from the treasury to a contract: footprint, resources, fee. */
export function sorobanData(
  world: World,
  { id, destination = world.recipients.contracts[0] ?? '' }: { readonly id: string; readonly destination?: string },
  { instructions = 10_000_000, nonce = authorizationNonce(id), more = [] }: SorobanChange = {},
): Uint8Array {
  const { address, publicKey } = world.keys.stellar;
  const usdc = new Asset('USDC', world.keys.issuer.publicKey());
  const accountId = xdr.PublicKey.publicKeyTypeEd25519(publicKey);
  const nonceKey = xdr.ScVal.scvLedgerKeyNonce(new xdr.ScNonceKey({ nonce }));
  const instance = contractData(usdc.contractId(PASSPHRASE), xdr.ScVal.scvLedgerKeyContractInstance(), persistent);
  return new SorobanDataBuilder()
    .setFootprint(
      // The issuer's flags say whether a new holder is authorized.
      [instance, accountKey(publicKey), accountKey(world.keys.issuer.rawPublicKey())],
      [
        xdr.LedgerKey.trustline(new xdr.LedgerKeyTrustLine({ accountId, asset: usdc.toTrustLineXDRObject() })),
        balanceKey(world, destination),
        contractData(address, nonceKey, temporary),
        ...more,
      ],
    )
    .setResources(instructions, 20_000, 10_000)
    .setResourceFee('4000000')
    .build()
    .toXdr();
}

function accountKey(publicKey: Uint8Array): xdr.LedgerKey {
  return xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: xdr.PublicKey.publicKeyTypeEd25519(publicKey) }));
}

/** Where the asset's contract keeps what a contract holds. */
export function balanceKey({ keys }: Pick<World, 'keys'>, holder: string): xdr.LedgerKey {
  const contract = new Asset('USDC', keys.issuer.publicKey()).contractId(PASSPHRASE);
  const key = xdr.ScVal.scvVec([xdr.ScVal.scvSymbol('Balance'), Address.fromString(holder).toScVal()]);
  return contractData(contract, key, persistent);
}

function contractData(owner: string, key: xdr.ScVal, durability: xdr.ContractDataDurability): xdr.LedgerKey {
  const contract = Address.fromString(owner).toScAddress();
  return xdr.LedgerKey.contractData(new xdr.LedgerKeyContractData({ contract, key, durability }));
}
