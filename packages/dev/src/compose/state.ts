import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Keypair } from '@stellar/stellar-sdk/base';
import { z } from 'zod';
import { callRpc } from '../stack/json-rpc.ts';
import { sourceAccount } from '../stack/stellar-submit.ts';
import type { BootstrapEnv } from './env.ts';
import { hasLocalKmsKey } from './local-kms.ts';
import { writeFiles } from './write-files.ts';

/** Certificates of the dev PKI live for a week. */
const LIFETIME_MS = 6 * 86_400_000;

const stateSchema = z.object({
  madeAt: z.iso.datetime(),
  stellarTreasury: z.string(),
  evmTreasury: z.string(),
  localKmsKey: z.string().optional(),
  /** Whom the policy lets the API pay. */
  destinations: z.object({ stellar: z.array(z.string()).readonly(), evm: z.array(z.string()).readonly() }),
});

/** What a finished set-up leaves for the next run; no secret. */
export type StackState = z.output<typeof stateSchema>;

const FILE = 'state.json';

export async function readState(dir: string): Promise<StackState | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(join(dir, 'state', FILE), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written last: a set-up that was cut off is made anew. */
export async function writeState(dir: string, state: StackState): Promise<void> {
  await writeFiles(join(dir, 'state'), { [FILE]: `${JSON.stringify(state, undefined, 2)}\n` });
}

/** What no longer fits the volumes: each chain and local-kms may have been started anew. Empty when all fits. */
export async function stateOfParts(state: StackState, env: BootstrapEnv): Promise<string[]> {
  const problems: string[] = [];
  const treasury = Keypair.fromPublicKey(state.stellarTreasury);
  await sourceAccount(env.STELLAR_RPC_URL, treasury).catch(() => problems.push('the Stellar ledger has no treasury'));
  if (BigInt(String(await callRpc(env.EVM_RPC_URL, 'eth_getBalance', [state.evmTreasury, 'latest']))) === 0n) {
    problems.push('the EVM chain has no treasury');
  }
  if (env.LOCAL_KMS_URL !== undefined && !(await hasLocalKmsKey(env.LOCAL_KMS_URL, state.localKmsKey ?? ''))) {
    problems.push('local-kms has no treasury key');
  }
  if (Date.now() - Date.parse(state.madeAt) > LIFETIME_MS) problems.push('the certificates are about to end');
  return problems;
}
