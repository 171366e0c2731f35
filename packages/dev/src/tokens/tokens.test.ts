import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeFunctionData, erc20Abi, getContractAddress } from 'viem';
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts';
import { anvilSpec } from '../stack/anvil.ts';
import { freePorts } from '../stack/free-ports.ts';
import { callRpc } from '../stack/json-rpc.ts';
import { createProgram, type Program } from '../stack/program.ts';
import { callToken, compileToken, type DeployedToken, deployToken, mint } from './tokens.ts';

const YES = `0x${'1'.padStart(64, '0')}`;
const NO = `0x${'0'.repeat(64)}`;
const newAddress = () => privateKeyToAddress(generatePrivateKey());
const [holder, receiver] = [newAddress(), newAddress()];

let directory: string;
let url: string;
let anvil: Program;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-anvil-'));
  const [port = 0] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  anvil = createProgram(anvilSpec(port, url, join(directory, 'cache')), {
    logs: directory,
    watchdog: { guard: () => {}, release: () => {}, close: async () => {} },
    signal: new AbortController().signal,
    onDeath: (error) => {
      throw error;
    },
  });
  await Promise.all([anvil.start(), compileToken('PlainToken')]);
});

afterAll(async () => {
  await anvil.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A call of `transfer` by the holder; what it returns, or the error. */
function transfer({ address }: DeployedToken): Promise<unknown> {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [receiver, 100n] });
  return callRpc(url, 'eth_call', [{ from: holder, to: address, data }, 'latest']);
}

describe('a transfer', () => {
  test.each([
    ['PlainToken', YES],
    ['SilentToken', '0x'],
    ['FalseToken', NO],
    ['FeeToken', YES],
    ['GreedyToken', YES],
    ['BlacklistToken', YES],
    ['PausableToken', YES],
  ] as const)('of %s returns %s', async (name, returned) => {
    const token = await deployToken(url, name);
    await mint(url, token, holder, 100n);
    expect(await transfer(token)).toBe(returned);
  });

  test.each([
    ['RevertingToken', undefined, 'transfers are not possible'],
    ['BlacklistToken', ['setBlacklisted', [receiver, true]], 'account is blacklisted'],
    ['PausableToken', ['setPaused', [true]], 'token is paused'],
  ] as const)('of %s reverts', async (name, change, words) => {
    const token = await deployToken(url, name);
    await mint(url, token, holder, 100n);
    if (change !== undefined) await callToken(url, token, change[0], change[1]);
    await expect(transfer(token)).rejects.toThrow(words);
  });

  test('of more than there is reverts', async () => {
    const token = await deployToken(url, 'PlainToken');
    await mint(url, token, holder, 99n);
    await expect(transfer(token)).rejects.toThrow('transfer amount exceeds balance');
  });
});

test('the address of the first contract of a deployer can be told before', async () => {
  const from = newAddress();
  const { address } = await deployToken(url, 'PlainToken', from);
  expect(address).toBe(getContractAddress({ from, nonce: 0n }));
});

test('a call that fails is an error', async () => {
  const token = await deployToken(url, 'PlainToken');
  await expect(callToken(url, token, 'transfer', [receiver, 1n])).rejects.toThrow('failed');
});
