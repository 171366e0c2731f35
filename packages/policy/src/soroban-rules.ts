import { parseAmount } from '@countersign/chains/amount';
import { type AssetId, nativeAsset, stellarChainId } from '@countersign/chains/caip';
import { assetContract } from '@countersign/chains/stellar/contract';
import { z } from 'zod';
import type { ListedAsset } from './assets.ts';
import type { Checker } from './checker.ts';
import type { ContractPolicy, SorobanPolicy } from './policy.ts';
import { DECIMAL } from './words.ts';

const MAX_UINT32 = 2n ** 32n - 1n;

export const sorobanRules = z.strictObject({
  max_resource_fee: DECIMAL.describe('the most that a transaction may offer for its resources, in lumens'),
  max_authorization_seconds: z.int().min(1).max(86_400).describe('how long an authorization may be valid, from now'),
  ledger_clock: z
    .strictObject({
      ledger: z.int().min(1).max(Number(MAX_UINT32)).describe('a ledger of this network that has closed'),
      closed_at: z.iso
        .datetime({ error: 'expected a time in UTC, like 2026-11-21T00:00:00Z' })
        .describe('when it closed, in UTC: `2026-11-21T00:00:00Z`'),
      seconds_per_ledger: z.number().min(0.5).max(60).describe('the pace of ledgers since then'),
    })
    .describe('an authorization ends at a ledger, and the signer sees none: from this it reckons which one is now'),
});

/** The `soroban` part of a key: `max_resource_fee` in lumens. */
export function sorobanPolicy(
  rules: z.infer<typeof sorobanRules>,
  contracts: ReadonlyMap<string, ContractPolicy>,
  at: Checker,
): SorobanPolicy | undefined {
  const maxResourceFee = at.read('max_resource_fee', () => parseAmount(rules.max_resource_fee, 7, MAX_UINT32));
  if (maxResourceFee === undefined) return undefined;
  const { ledger, closed_at, seconds_per_ledger: secondsPerLedger } = rules.ledger_clock;
  const closedAt = BigInt(Math.floor(Date.parse(closed_at) / 1000));
  return {
    maxResourceFee,
    maxAuthorizationSeconds: BigInt(rules.max_authorization_seconds),
    ledgerClock: { ledger: BigInt(ledger), closedAt, secondsPerLedger },
    contracts,
  };
}

/**
 * The contract of every listed asset. A Stellar Asset Contract listed as a token of its own would be a second id, with limits
 * of its own, for one asset: that of the native asset and of every listed issued one is refused.
 */
export function contractsOf(
  networkPassphrase: string,
  listed: readonly ListedAsset[],
  at: Checker,
): Map<string, ContractPolicy> {
  const contracts = new Map<string, ContractPolicy>();
  const classic = listed.filter(({ asset }) => asset.kind !== 'sep41').map(({ asset }) => asset.id);
  for (const asset of classic) contracts.set(assetContract(networkPassphrase, asset), { asset });
  const twins = new Map<string, AssetId>(
    (listed.length === 0 ? [] : [nativeAsset(stellarChainId(networkPassphrase)), ...classic]).map((asset) => [
      assetContract(networkPassphrase, asset),
      asset,
    ]),
  );
  for (const { asset, wasmHash, field } of listed) {
    if (asset.kind !== 'sep41') continue;
    const twin = twins.get(asset.contract);
    if (twin !== undefined) at.fail(field, `this is the contract of ${twin}: list that asset instead`);
    else contracts.set(asset.contract, { asset: asset.id, ...(wasmHash !== undefined && { wasmHash }) });
  }
  return contracts;
}
