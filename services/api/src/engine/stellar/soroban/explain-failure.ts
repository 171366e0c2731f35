import { assetContract } from '@countersign/chains/stellar/contract';
import type { Payout } from '../../payouts.ts';
import type { StellarContext } from '../context.ts';
import type { Simulation } from '../rpc.ts';
import { issued, lineName, linesIn, trustlineKey } from '../trustline.ts';
import { instanceKey } from './ledger-keys.ts';
import { readFailure, type Verdict } from './read-failure.ts';

const ARCHIVED: Verdict = {
  kind: 'failed',
  reason: { code: 'ENTRY_ARCHIVED', detail: 'the network has archived what the transfer needs; restore it first' },
};

/** Says what a simulation that did not pass means for the payout, with a look at the ledger where its text is not enough. */
export async function explainFailure(
  context: StellarContext,
  { asset, destination }: Pick<Payout, 'asset' | 'destination'>,
  simulation: Exclude<Simulation, { kind: 'passed' }>,
): Promise<Verdict> {
  if (simulation.kind === 'archived') return ARCHIVED;
  const treasury = context.treasury.account;
  const contract = assetContract(context.chain.networkPassphrase, asset);
  const named = issued(asset);
  const { entries } = await context.rpc.entries([
    instanceKey(contract),
    ...(named === undefined ? [] : [trustlineKey(treasury, named)]),
  ]);
  return readFailure(simulation.error, {
    treasury,
    destination,
    contract,
    isAssetContract: entries.some(
      (entry) =>
        entry.type === 'contractData' &&
        entry.value.val.type === 'scvContractInstance' &&
        entry.value.val.value.executable.type === 'contractExecutableStellarAsset',
    ),
    treasuryAuthorized: named && linesIn(entries).get(lineName(treasury, named))?.authorized,
  });
}
