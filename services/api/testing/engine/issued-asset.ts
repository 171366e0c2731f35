import { type AssetId, issuedAsset } from '@countersign/chains/caip';
import { Account, Asset, Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk/base';
import type { WantedPayout } from './database.ts';
import type { StellarWorld } from './stellar-world.ts';
import { waitFor } from './wait-for.ts';

type ClassicOperation = Parameters<TransactionBuilder['addOperation']>[0];

/** An asset with an issuer of its own, which authorizes every trustline unless told otherwise. Amounts in whole units. */
export interface IssuedAsset {
  readonly id: AssetId;
  readonly issuer: Keypair;
  readonly asset: Asset;
  /** `amount` in smallest units. */
  want(destination: string, amount: bigint, memo?: WantedPayout['memo']): WantedPayout;
  /** A new account with a trustline. */
  newHolder(options?: { readonly limit?: string; readonly flags?: Flags }): Promise<Keypair>;
  trust(holder: Keypair, limit?: string): Promise<void>;
  /** What the issuer allows of a holder's trustline. */
  allow(holder: string, flags: Flags): Promise<void>;
  issue(destination: string, amount: string): Promise<void>;
  /** Smallest units; undefined where there is no trustline. */
  balance(holder: string): bigint | undefined;
}

export type Flags = 'authorized' | 'maintain-liabilities' | 'none';

/** The treasury's own key, as an account holder has it. */
export function treasuryKey(world: StellarWorld): Keypair {
  return Keypair.fromSecret(world.keys.stellar.seed);
}

/** Applies an operation in a ledger that has closed when this resolves. @throws when it fails. */
export async function apply(world: StellarWorld, key: Keypair, operation: ClassicOperation): Promise<void> {
  const { ledger } = world.rpc;
  const seconds = Math.floor(world.now().getTime() / 1000);
  const sequence = ledger.account(key.publicKey())?.sequence;
  if (sequence === undefined) throw new Error(`no account ${key.publicKey()}`);
  const transaction = new TransactionBuilder(new Account(key.publicKey(), sequence.toString()), {
    fee: '100',
    networkPassphrase: world.chain.networkPassphrase,
  })
    .addOperation(operation)
    .setTimebounds(0, seconds + 600)
    .build();
  transaction.sign(key);
  const hash = Buffer.from(transaction.hash()).toString('hex');
  const answer = ledger.submit(Buffer.from(transaction.toXdr(), 'base64'), BigInt(seconds));
  if (answer.status !== 'PENDING') throw new Error(`a transaction of ${key.publicKey()}: ${JSON.stringify(answer)}`);
  const included = () => ledger.transaction(hash);
  await waitFor(
    () => included() !== undefined,
    () => `${hash} is in no ledger`,
  );
  const { type } = included()?.result.result ?? {};
  if (type !== 'txSuccess') throw new Error(`a transaction of ${key.publicKey()}: ${type}`);
}

/** `toTreasury`: how much the treasury gets of it, in whole units; without it, it has not even a trustline. */
export async function issueAsset(
  world: StellarWorld,
  { code = 'USDC', toTreasury }: { readonly code?: string; readonly toTreasury?: string } = {},
): Promise<IssuedAsset> {
  const issuer = Keypair.random();
  await world.rpc.fund([{ address: issuer.publicKey(), balance: '100' }]);
  await apply(world, issuer, Operation.setOptions({ setFlags: REVOCABLE }));
  const asset = new Asset(code, issuer.publicKey());
  const id = issuedAsset(world.chain.chain, code, issuer.publicKey());
  const trust = (holder: Keypair, limit?: string) =>
    apply(world, holder, Operation.changeTrust({ asset, ...(limit !== undefined && { limit }) }));
  const allow = (trustor: string, flags: Flags) =>
    apply(world, issuer, Operation.setTrustLineFlags({ trustor, asset, flags: LINE_FLAGS[flags] }));
  const issue = (destination: string, amount: string) =>
    apply(world, issuer, Operation.payment({ destination, asset, amount }));
  const made: IssuedAsset = {
    id,
    issuer,
    asset,
    want: (destination, amount, memo) => ({ ...world.want(destination, amount, memo), asset: id }),
    newHolder: async ({ limit, flags } = {}) => {
      const holder = Keypair.random();
      await world.rpc.fund([{ address: holder.publicKey(), balance: '100' }]);
      await trust(holder, limit);
      if (flags !== undefined) await allow(holder.publicKey(), flags);
      return holder;
    },
    trust,
    allow,
    issue,
    balance: (holder) => {
      for (const entry of world.rpc.ledger.entries()) {
        if (entry.kind !== 'trustline' || entry.account !== holder) continue;
        if (entry.asset.code === code && entry.asset.issuer === issuer.publicKey()) return entry.balance;
      }
      return undefined;
    },
  };
  if (toTreasury !== undefined) {
    await trust(treasuryKey(world));
    await issue(world.keys.stellar.address, toTreasury);
  }
  return made;
}

const REVOCABLE = 2;
const LINE_FLAGS = {
  authorized: { authorized: true, authorizedToMaintainLiabilities: false },
  'maintain-liabilities': { authorized: false, authorizedToMaintainLiabilities: true },
  none: { authorized: false, authorizedToMaintainLiabilities: false },
} as const;
