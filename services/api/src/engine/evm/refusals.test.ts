import type { TokenName } from '@countersign/dev/tokens';
import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { type EvmToken, startEvmToken, useEvmTokens } from '../../../testing/engine/evm-tokens.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';

const stand = useEvmStand();
useEvmTokens();

/** A node as most were before 2025. */
function withoutSimulation(): void {
  stand.proxy.fail({ kind: 'error', code: -32601, message: 'the method does not exist' }, 'eth_simulateV1');
}

describe('a token that refuses, before anything is signed', () => {
  interface Refusal {
    readonly what: string;
    readonly token: TokenName;
    readonly before?: (token: EvmToken, to: string) => Promise<void>;
    /** A node without `eth_simulateV1` sees it as well. */
    readonly seenByAll: boolean;
    readonly code: string;
    /** In the detail. */
    readonly words: string;
  }
  const refusals: Refusal[] = [
    { what: 'returns false', token: 'FalseToken', seenByAll: true, code: 'TOKEN_RETURNS_FALSE', words: 'returns 0x0' },
    {
      what: 'reverts',
      token: 'RevertingToken',
      seenByAll: true,
      code: 'TRANSFER_REVERTS',
      words: 'transfers are not possible',
    },
    {
      what: 'keeps a fee',
      token: 'FeeToken',
      seenByAll: false,
      code: 'TRANSFER_DIFFERS',
      words: 'other transfers than 1000',
    },
    {
      what: 'has the destination on its blacklist',
      token: 'BlacklistToken',
      before: (token, to) => token.call('setBlacklisted', to, true),
      seenByAll: true,
      code: 'TRANSFER_REVERTS',
      words: 'account is blacklisted',
    },
    {
      what: 'has the treasury on its blacklist',
      token: 'BlacklistToken',
      before: (token) => token.call('setBlacklisted', stand.world.address, true),
      seenByAll: true,
      code: 'TRANSFER_REVERTS',
      words: 'account is blacklisted',
    },
    {
      what: 'is paused',
      token: 'PausableToken',
      before: (token) => token.call('setPaused', true),
      seenByAll: true,
      code: 'TRANSFER_REVERTS',
      words: 'token is paused',
    },
    {
      what: 'needs half a million gas',
      token: 'GreedyToken',
      seenByAll: true,
      code: 'GAS_ABOVE_LIMIT',
      words: '300000',
    },
    {
      what: 'is gone',
      token: 'PlainToken',
      before: ({ address }) => stand.world.test.setCode({ address, bytecode: '0x' }),
      seenByAll: true,
      code: 'TOKEN_HAS_NO_CODE',
      words: 'there is no contract',
    },
  ];
  const cases = refusals.flatMap((refusal) => [
    { ...refusal, node: 'that simulates', prepare: () => undefined },
    ...(refusal.seenByAll ? [{ ...refusal, node: 'without eth_simulateV1', prepare: withoutSimulation }] : []),
  ]);

  test.each(cases)(
    'one that $what fails as $code, at a node $node',
    async ({ token: name, before, code, words, prepare }) => {
      const [token, to] = [await startEvmToken(stand.world, name, 1_000n), newEvmAddress()];
      await before?.(token, to);
      prepare();
      stand.mine();
      stand.start();
      const [refused = '', next = ''] = await stand.database.accept(token.want(to, 1_000n), stand.world.want(to, 1n));
      const [payout] = await stand.database.reached([refused], 'completed', 'failed', 'indeterminate');
      expect(payout).toMatchObject({ status: 'failed', reason_code: code, hash: null });
      expect(payout?.reason_detail).toContain(words);
      await stand.database.reached([next], 'completed');
      expect(stand.signer.requests.flatMap(({ payouts }) => payouts.map(({ payoutId }) => payoutId))).toEqual([next]);
    },
  );

  test.each([
    ['to the contract itself', 'DESTINATION_IS_TOKEN', (address: string) => address],
    ['to nobody', 'INVALID_ADDRESS', () => `0x${'0'.repeat(40)}`],
  ])('a transfer %s fails as %s', async (_what, code, destination) => {
    const token = await startEvmToken(stand.world, 'PlainToken', 10n);
    stand.start();
    const ids = await stand.database.accept(token.want(destination(token.address), 10n));
    expect((await stand.database.reached(ids, 'failed'))[0]?.reason_code).toBe(code);
    expect(stand.signer.requests).toHaveLength(0);
  });
});

test('a payout that was accepted with other decimals than the token has fails, before anything is signed', async () => {
  const token = await startEvmToken(stand.world, 'PlainToken', 10n ** 18n);
  stand.mine();
  stand.start();
  const ids = await stand.database.accept({ ...token.want(newEvmAddress(), 10n ** 18n), decimals: 18 });
  const [payout] = await stand.database.reached(ids, 'failed', 'completed');
  expect(payout).toMatchObject({ reason_code: 'DECIMALS_DIFFER' });
  expect(payout?.reason_detail).toContain('accepted with 18 decimals; the token says 6');
  expect(stand.signer.requests).toEqual([]);
});

describe('a node that is behind', () => {
  test('ends no payout by what was so a while ago', async () => {
    const token = await startEvmToken(stand.world, 'PlainToken', 0n);
    const old = await stand.world.client.getBlockNumber();
    await token.mint(1_000n);
    // The newest block that it knows is an old one; it lacks all later ones.
    const change = (params: unknown) => {
      const [call, block] = params as [{ data: string }, string];
      if (!call.data.startsWith('0xa9059cbb')) return params;
      return [call, block === 'latest' ? `0x${old.toString(16)}` : '0xffffffff'];
    };
    stand.proxy.fail({ kind: 'ask', change }, 'eth_call');
    stand.mine();
    stand.start();
    const ids = await stand.database.accept(token.want(newEvmAddress(), 1_000n));
    const [waiting] = await stand.database.showing(ids, 'SIMULATION_UNKNOWN');
    expect(waiting?.status).toBe('created');
    stand.proxy.clear();
    await stand.database.reached(ids, 'completed');
  });
});

describe('a token that refuses once the transfer is signed', () => {
  interface Change {
    readonly what: string;
    readonly token: TokenName;
    readonly change: (token: EvmToken, to: string) => Promise<void>;
    readonly status: 'failed' | 'indeterminate';
    readonly code: string;
  }
  const changes: Change[] = [
    {
      what: 'blacklists the destination',
      token: 'BlacklistToken',
      change: (token, to) => token.call('setBlacklisted', to, true),
      status: 'failed',
      code: 'EVM_REVERTED',
    },
    {
      what: 'is paused',
      token: 'PausableToken',
      change: (token) => token.call('setPaused', true),
      status: 'failed',
      code: 'EVM_REVERTED',
    },
    {
      what: 'is gone',
      token: 'PlainToken',
      change: ({ address }) => stand.world.test.setCode({ address, bytecode: '0x' }),
      status: 'indeterminate',
      code: 'TRANSFER_MISSING',
    },
    {
      what: 'returns false',
      token: 'PlainToken',
      change: async ({ address }) => {
        const other = await startEvmToken(stand.world, 'FalseToken', 0n);
        const bytecode = (await stand.world.client.getCode({ address: other.address })) ?? '0x';
        await stand.world.test.setCode({ address, bytecode });
      },
      status: 'indeterminate',
      code: 'TRANSFER_MISSING',
    },
  ];

  test.each(changes)(
    'one that $what ends $status as $code, its nonce spent',
    async ({ token: name, change, status, code }) => {
      const [token, to] = [await startEvmToken(stand.world, name, 1_000n), newEvmAddress()];
      stand.once('evm.signed.stored', () => change(token, to));
      stand.start();
      const [refused = ''] = await stand.database.accept(token.want(to, 1_000n));
      await stand.database.reached([refused], 'submitted');
      stand.mine();
      const [payout] = await stand.database.reached([refused], 'completed', 'failed', 'indeterminate');
      expect(payout).toMatchObject({ status, reason_code: code });
      await stand.database.reached(await stand.database.accept(stand.world.want(to, 1n)), 'completed');
    },
  );

  test('one that keeps a fee is set aside with an alarm, where the node could not simulate it', async () => {
    const [token, to] = [await startEvmToken(stand.world, 'FeeToken', 1_000n), newEvmAddress()];
    withoutSimulation();
    stand.mine();
    stand.start();
    const ids = await stand.database.accept(token.want(to, 1_000n));
    const [payout] = await stand.database.reached(ids, 'completed', 'failed', 'indeterminate');
    expect(payout).toMatchObject({ status: 'indeterminate', reason_code: 'TRANSFER_DIFFERS' });
    expect(payout?.reason_detail).toContain(`990 from ${stand.world.address.toLowerCase()}`);
    expect(await token.balance(to)).toBe(990n);
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'TRANSFER_DIFFERS' })).toBe(1);
  });
});
