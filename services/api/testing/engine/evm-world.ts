import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evmChainId } from '@countersign/chains/caip';
import { anvilBinary } from '@countersign/dev/anvil';
import { freePorts } from '@countersign/dev/free-ports';
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  http,
  type PublicClient,
  type TestClient,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { anvil } from 'viem/chains';
import type { EvmChainConfig, EvmTreasury } from '../../src/config/chains.ts';
import { nativeOn } from './configured-assets.ts';
import type { WantedPayout } from './database.ts';
import { waitFor } from './wait-for.ts';

const ETHER = 10n ** 18n;

/** Anvil without automatic mining, with a treasury of a hundred ether. */
export interface EvmWorld {
  readonly url: string;
  readonly privateKey: `0x${string}`;
  readonly address: `0x${string}`;
  readonly chain: EvmChainConfig;
  readonly client: PublicClient;
  readonly test: TestClient;
  /** Mines a block every few milliseconds until stopped. */
  runBlocks(): () => void;
  mine(blocks?: number): Promise<void>;
  balance(address: string): Promise<bigint>;
  want(destination: string, amount: bigint): WantedPayout;
  /** Sends a transfer with the treasury's key, behind the engine's back. */
  sendForeign(to: `0x${string}`, nonce: number): Promise<void>;
  stop(): Promise<void>;
}

export interface EvmWorldOptions {
  readonly treasury?: Partial<EvmTreasury>;
  readonly finality?: EvmChainConfig['finality'];
  readonly flags?: readonly string[];
}

export function newEvmAddress(): `0x${string}` {
  return privateKeyToAccount(generatePrivateKey()).address;
}

export async function startEvmWorld(options: EvmWorldOptions = {}): Promise<EvmWorld> {
  const cache = await mkdtemp(join(tmpdir(), 'countersign-anvil-'));
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const flags = ['--port', `${port}`, '--no-mining', '--slots-in-an-epoch', '1', '--cache-path', cache, '--silent'];
  const child = spawn(anvilBinary(), [...flags, ...(options.flags ?? [])], { stdio: 'ignore' });
  const privateKey = generatePrivateKey();
  const account = privateKeyToAccount(privateKey);
  const transport = http(url, { retryCount: 0 });
  const client = createPublicClient({ chain: anvil, transport, cacheTime: 0 });
  const test = createTestClient({ chain: anvil, mode: 'anvil', transport });
  const wallet = createWalletClient({ account, chain: anvil, transport });
  await waitFor(
    () =>
      client.getChainId().then(
        () => true,
        () => false,
      ),
    () => 'anvil does not answer',
  );
  await test.setBalance({ address: account.address, value: 100n * ETHER });
  const mine = (blocks = 1) => test.mine({ blocks });
  await mine(5);
  const chain: EvmChainConfig = {
    kind: 'evm',
    chain: evmChainId(31337n),
    chainId: 31337n,
    rpcUrl: url,
    assets: [nativeOn(evmChainId(31337n))],
    finality: options.finality ?? 'finalized',
    treasuries: [
      {
        key: 'treasury-evm',
        address: account.address,
        maxFeePerGas: 500_000_000_000n,
        replaceAfterSeconds: 30,
        ...options.treasury,
      },
    ],
  };
  return {
    url,
    privateKey,
    address: account.address,
    chain,
    client,
    test,
    mine,
    runBlocks: () => {
      const timer = setInterval(() => void mine().catch(() => undefined), 40);
      return () => clearInterval(timer);
    },
    balance: (address) => client.getBalance({ address: address as `0x${string}` }),
    want: (destination, amount) => ({
      chain: chain.chain,
      asset: `${chain.chain}/slip44:60`,
      key: 'treasury-evm',
      destination,
      amount,
    }),
    sendForeign: async (to, nonce) => {
      const fees = { maxFeePerGas: 400_000_000_000n, maxPriorityFeePerGas: 60_000_000_000n, gas: 21_000n };
      await wallet.sendTransaction({ to, value: 1n, nonce, ...fees });
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await rm(cache, { recursive: true, force: true });
    },
  };
}
