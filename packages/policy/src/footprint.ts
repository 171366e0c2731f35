import { parseAssetId } from '@countersign/chains/caip';
import { balanceKey } from '@countersign/chains/stellar/contract';
import type { FootprintKey, StellarInvocation } from '@countersign/chains/stellar/decode';
import type { ContractPolicy } from './policy.ts';

/** What the footprint of a transfer may hold, and of it what it must. */
interface Allowed {
  readonly readOnly: readonly FootprintKey[];
  readonly readWrite: readonly FootprintKey[];
  /** A contract all of whose data may be touched: a token keeps its balances as it likes. */
  readonly ownDataOf?: string;
  readonly demanded: readonly FootprintKey[];
}

/**
 * What is wrong with the footprint of a transfer, each as one line; nothing when it holds what this transfer of this asset
 * needs and no more. So a contract that calls others, spends another account's money or runs other code cannot do so.
 */
export function* footprintViolations(invocation: StellarInvocation, contract: ContractPolicy): Generator<string> {
  const { resources } = invocation;
  const allowed =
    contract.wasmHash === undefined
      ? assetFootprint(invocation, contract)
      : tokenFootprint(invocation, contract.wasmHash);
  for (const set of ['readOnly', 'readWrite'] as const) {
    const known = new Set(allowed[set].map(keyText));
    for (const [i, key] of resources[set].entries()) {
      const own = key.type === 'contractData' && key.contract === allowed.ownDataOf;
      if (!own && !known.has(keyText(key))) yield `resources.${set}[${i}]: the transfer does not need ${keyText(key)}`;
    }
  }
  const present = new Set([...resources.readOnly, ...resources.readWrite].map(keyText));
  for (const key of allowed.demanded) {
    if (!present.has(keyText(key))) yield `resources: the transfer needs ${keyText(key)}`;
  }
}

/** Of a Stellar Asset Contract: holders keep lumens in the account, other assets on trust lines, contracts in its data. */
function assetFootprint({ authorization }: StellarInvocation, { asset: id }: ContractPolicy): Allowed {
  const { account, transfer } = authorization;
  const asset = parseAssetId(id);
  const balanceOf = (holder: string): FootprintKey => {
    if (holder.startsWith('C')) {
      const key = balanceKey(holder);
      return { type: 'contractData', contract: transfer.contract, durability: 'persistent', key };
    }
    return asset.kind === 'native'
      ? { type: 'account', account: holder }
      : { type: 'trustline', account: holder, asset: id };
  };
  const nonce = nonceKey(authorization);
  return {
    readOnly: [
      { type: 'contractInstance', contract: transfer.contract },
      { type: 'account', account },
      ...(asset.kind === 'issued' ? [{ type: 'account' as const, account: asset.issuer }] : []),
    ],
    readWrite: [nonce, balanceOf(account), balanceOf(transfer.destination)],
    demanded: [nonce],
  };
}

/** Of a token's own contract: its data, its code as pinned, and the account whose signature is checked. */
function tokenFootprint({ authorization }: StellarInvocation, hash: string): Allowed {
  const { contract } = authorization.transfer;
  const nonce = nonceKey(authorization);
  const instance: FootprintKey = { type: 'contractInstance', contract };
  const code: FootprintKey = { type: 'contractCode', hash };
  return {
    readOnly: [instance, code, { type: 'account', account: authorization.account }],
    readWrite: [instance, nonce],
    ownDataOf: contract,
    // Without its pinned code a contract that was changed into something else could run.
    demanded: [nonce, code],
  };
}

function nonceKey({ account, nonce }: StellarInvocation['authorization']): FootprintKey {
  return { type: 'nonce', account, nonce };
}

function keyText(key: FootprintKey): string {
  switch (key.type) {
    case 'account':
      return `account ${key.account}`;
    case 'trustline':
      return `trust line of ${key.account} for ${key.asset}`;
    case 'contractInstance':
      return `instance of ${key.contract}`;
    case 'contractData':
      return `${key.durability} data of ${key.contract} under ${key.key}`;
    case 'contractCode':
      return `code ${key.hash}`;
    case 'nonce':
      return `nonce ${key.nonce} of ${key.account}`;
    default:
      return key satisfies never;
  }
}
