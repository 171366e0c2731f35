import { createRequire } from 'node:module';
import { callRpc } from './json-rpc.ts';
import { EVM } from './networks.ts';
import type { ProgramSpec } from './program.ts';

/** What the treasury starts with, in wei: 10,000 ether. */
const TREASURY_BALANCE = 10_000n * 10n ** 18n;

/** Anvil, as it comes from npm: a block a second, and a `finalized` block two behind the latest. */
export function anvilSpec(port: number, url: string, cache: string): ProgramSpec {
  const flags = {
    host: '127.0.0.1',
    port: String(port),
    'chain-id': String(EVM.chainId),
    'block-time': '1',
    'slots-in-an-epoch': '1',
    accounts: '1',
    'cache-path': cache,
  };
  return {
    name: 'anvil',
    command: anvilBinary(),
    args: Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    env: () => ({}),
    ready: async () => Number(await callRpc(url, 'eth_chainId', [])) === EVM.chainId,
  };
}

/** Gives the treasury its ether. */
export async function setUpEvm(url: string, treasury: string): Promise<void> {
  await callRpc(url, 'anvil_setBalance', [treasury, `0x${TREASURY_BALANCE.toString(16)}`]);
}

// The package's own `bin` wraps the binary in a Node process; the platform package holds the binary itself.
export function anvilBinary(): string {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const fromAnvil = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'));
  return fromAnvil.resolve(`@foundry-rs/anvil-${platform}/bin/anvil`);
}
