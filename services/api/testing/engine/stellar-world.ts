import { stellarChainId } from '@countersign/chains/caip';
import { generateKeys, type StackKeys } from '@countersign/dev/keys';
import { rootKeypair, type StellarRpc, startStellarRpc } from '@countersign/dev/stellar';
import { setUpStellar } from '@countersign/dev/stellar-setup';
import { Account, Asset, Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk/base';
import type { StellarChainConfig, StellarTreasury } from '../../src/config/chains.ts';
import { nativeOn } from './configured-assets.ts';
import type { WantedPayout } from './database.ts';

type ClassicOperation = Parameters<TransactionBuilder['addOperation']>[0];

// What the ledger's friendbot takes in one call.
const MOST_FUNDED = 100;
const PASSPHRASE = 'Standalone Network ; February 2017';

/** A ledger with a treasury and channels, and a clock of its own that moves when a ledger closes. */
export interface StellarWorld {
  readonly rpc: StellarRpc;
  readonly keys: StackKeys;
  readonly chain: StellarChainConfig;
  readonly now: () => Date;
  /** Closes a ledger, so many seconds after the last one. */
  close(seconds?: number): void;
  /** Closes a ledger every few milliseconds until stopped. */
  runLedgers(): () => void;
  /** Stroops; 0 where there is no account. */
  balance(address: string): bigint;
  /** Accounts that exist, with ten lumens each. */
  newAccounts(count: number): Promise<string[]>;
  /** A thousand lumens from the network's root account, in the next ledger. */
  payFromRoot(destination: string): void;
  want(destination: string, amount: bigint, memo?: WantedPayout['memo']): WantedPayout;
  /** Has the admin spend from the treasury, or use a channel, behind the engine's back. */
  actAsAdmin(source: string, operation: ClassicOperation): void;
  stop(): Promise<void>;
}

export interface StellarWorldOptions {
  readonly channels?: number;
  readonly treasury?: Partial<StellarTreasury>;
  /** Stroops. */
  readonly baseReserve?: bigint;
  readonly retentionLedgers?: number;
}

export async function startStellarWorld(options: StellarWorldOptions = {}): Promise<StellarWorld> {
  let seconds = Math.floor(Date.now() / 1000);
  const rpc = await startStellarRpc({
    networkPassphrase: PASSPHRASE,
    closeEveryMs: 'manual',
    now: () => seconds * 1000,
    ...(options.baseReserve !== undefined && { baseReserve: options.baseReserve }),
    ...(options.retentionLedgers !== undefined && { retentionLedgers: options.retentionLedgers }),
  });
  const close = (later = 1) => {
    seconds += later;
    rpc.closeLedger(BigInt(seconds));
  };
  const runLedgers = () => {
    const timer = setInterval(close, 25, 1);
    return () => clearInterval(timer);
  };
  const keys = generateKeys(options.channels ?? 2);
  const stopLedgers = runLedgers();
  await setUpStellar(rpc.url, keys, [], AbortSignal.timeout(10_000));
  stopLedgers();

  const chain: StellarChainConfig = {
    kind: 'stellar',
    chain: stellarChainId(PASSPHRASE),
    networkPassphrase: PASSPHRASE,
    rpcUrl: rpc.url,
    assets: [nativeOn(stellarChainId(PASSPHRASE))],
    treasuries: [
      {
        key: 'treasury-stellar',
        account: keys.stellar.address,
        channels: keys.channels.map((channel) => channel.publicKey()),
        inclusionFee: 100n,
        maxInclusionFee: 10_000n,
        lifetimeSeconds: 120,
        ...options.treasury,
      },
    ],
  };
  const submit = (key: Keypair, source: string, operation: ClassicOperation) => {
    const sequence = rpc.ledger.account(source)?.sequence;
    if (sequence === undefined) throw new Error(`no account ${source}`);
    const transaction = new TransactionBuilder(new Account(source, sequence.toString()), {
      fee: '100',
      networkPassphrase: PASSPHRASE,
    })
      .addOperation(operation)
      .setTimebounds(0, seconds + 300)
      .build();
    transaction.sign(key);
    const answer = rpc.ledger.submit(Buffer.from(transaction.toXdr(), 'base64'), BigInt(seconds));
    if (answer.status !== 'PENDING') throw new Error(`a transaction of ${source}: ${answer.status}`);
  };
  return {
    rpc,
    keys,
    chain,
    now: () => new Date(seconds * 1000),
    close,
    runLedgers,
    balance: (address) => rpc.ledger.account(address)?.balance ?? 0n,
    newAccounts: async (count) => {
      const accounts = Array.from({ length: count }, () => Keypair.random().publicKey());
      for (let from = 0; from < count; from += MOST_FUNDED) {
        const some = accounts.slice(from, from + MOST_FUNDED);
        await rpc.fund(some.map((address) => ({ address, balance: '10' })));
      }
      return accounts;
    },
    payFromRoot: (destination) => {
      const root = rootKeypair(PASSPHRASE);
      submit(root, root.publicKey(), Operation.payment({ destination, asset: Asset.native(), amount: '1000' }));
    },
    want: (destination, amount, memo) => ({
      chain: chain.chain,
      asset: `${chain.chain}/slip44:148`,
      key: 'treasury-stellar',
      destination,
      amount,
      ...(memo !== undefined && { memo }),
    }),
    actAsAdmin: (source, operation) => submit(keys.admin, source, operation),
    stop: () => rpc.close(),
  };
}
