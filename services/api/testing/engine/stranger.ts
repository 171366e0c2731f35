import { buildInvocation, type InvocationInput } from '@countersign/chains/stellar/build';
import { rootKeypair } from '@countersign/dev/stellar';
import { TransactionBuilder, xdr } from '@stellar/stellar-sdk/base';
import { createRpcCall } from '../../src/engine/json-rpc.ts';
import { createStellarRpc, type Simulation } from '../../src/engine/stellar/rpc.ts';
import type { EngineDatabase } from './database.ts';
import type { StellarWorld } from './stellar-world.ts';

/** A call around the signed authorization of a payout by somebody who has seen it, and what it would cost. */
interface ForeignCall {
  readonly terms: Omit<InvocationInput, 'fee' | 'sorobanData'>;
  readonly simulation: Extract<Simulation, { kind: 'passed' }>;
}

export async function foreignCall(
  world: StellarWorld,
  database: EngineDatabase,
  payoutId: string,
): Promise<ForeignCall> {
  const { rpc, chain, now } = world;
  const root = rootKeypair(chain.networkPassphrase).publicKey();
  const terms = {
    networkPassphrase: chain.networkPassphrase,
    channel: root,
    sequence: (rpc.ledger.account(root)?.sequence ?? 0n) + 1n,
    maxTime: BigInt(Math.floor(now().getTime() / 1000) + 300),
    authorization: await signedAuthorization(database, payoutId),
  };
  const node = createStellarRpc(createRpcCall(rpc.url, 1_000));
  const simulation = await node.simulate(buildInvocation({ ...terms, fee: 100n }).envelope);
  if (simulation.kind !== 'passed') throw new Error(JSON.stringify(simulation));
  return { terms, simulation };
}

/** Carries a payout's authorization to the ledger, before its own envelope gets there. */
export async function useAuthorization(world: StellarWorld, database: EngineDatabase, payoutId: string): Promise<void> {
  const { terms, simulation } = await foreignCall(world, database, payoutId);
  const { resources, ext } = simulation.data;
  const resourceFee = simulation.minResourceFee * 2n;
  const sorobanData = new xdr.SorobanTransactionData({ ext, resources, resourceFee }).toXdr();
  const { envelope } = buildInvocation({ ...terms, sorobanData, fee: resourceFee + 100n });
  const transaction = TransactionBuilder.fromXdr(Buffer.from(envelope).toString('base64'), terms.networkPassphrase);
  transaction.sign(rootKeypair(terms.networkPassphrase));
  const answer = world.rpc.ledger.submit(Buffer.from(transaction.toXdr(), 'base64'), terms.maxTime - 300n);
  if (answer.status !== 'PENDING') throw new Error(JSON.stringify(answer));
  world.close();
}

async function signedAuthorization({ pool }: EngineDatabase, payoutId: string): Promise<Uint8Array> {
  const { rows } = await pool.query<{ signed: Buffer }>(
    'select signed from stellar_authorizations where payout_id = $1 and signed is not null',
    [payoutId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`${payoutId}: its authorization is not signed`);
  return row.signed;
}
