import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeAbiParameters, encodeEventTopics, erc20Abi, erc721Abi, getAddress } from 'viem';
import type { EvmLog } from './rpc-answers.ts';
import { judgeTransfers } from './transfer-logs.ts';

const addressOf = (digit: string) => getAddress(`0x${digit.repeat(40)}`);
const [token, other, us, them, third] = ['a', 'b', 'c', 'd', 'e'].map(addressOf) as [
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
];
const expected = { token, from: us, to: them, value: 7n };

/** As a node writes it, by viem's encoder. */
function log({ token: by, from, to, value }: typeof expected): EvmLog {
  const topics = encodeEventTopics({ abi: erc20Abi, eventName: 'Transfer', args: { from, to } });
  return {
    address: by.toLowerCase(),
    topics: topics.map(String),
    data: encodeAbiParameters([{ type: 'uint256' }], [value]),
  };
}
const ours = log(expected);
const changed = (change: Partial<EvmLog>): EvmLog => ({ ...ours, ...change });
const topicsWith = (at: number, topic: string) => ours.topics.with(at, topic);
const DIRTY = `0x01${'0'.repeat(22)}${us.slice(2).toLowerCase()}`;

describe('judgeTransfers', () => {
  test.each(['ours', 'all'] as const)('finds exactly the transfer (%s)', (parties) => {
    expect(judgeTransfers([ours], expected, parties)).toEqual({ kind: 'exact' });
  });

  test.each([
    ['no log at all', []],
    ["another contract's", [log({ ...expected, token: other })]],
    ["another event's", [changed({ topics: topicsWith(0, `0x${'1'.repeat(64)}`) })]],
    ['one without topics', [changed({ topics: [] })]],
  ])('finds nothing in %s', (_what, logs) => {
    for (const parties of ['ours', 'all'] as const) {
      expect(judgeTransfers(logs, expected, parties)).toEqual({ kind: 'missing' });
    }
  });

  test('ignores what other contracts log, and between others where only our own count', () => {
    const foreign = log({ ...expected, token: other });
    const between = log({ ...expected, from: them, to: third });
    expect(judgeTransfers([foreign, ours, between], expected, 'ours')).toEqual({ kind: 'exact' });
    expect(judgeTransfers([between], expected, 'ours')).toEqual({ kind: 'missing' });
    expect(judgeTransfers([foreign, ours], expected, 'all')).toEqual({ kind: 'exact' });
    expect(judgeTransfers([ours, between], expected, 'all').kind).toBe('different');
  });

  test.each([
    ['of another value', [log({ ...expected, value: 6n })]],
    ['to somebody else', [log({ ...expected, to: third })]],
    ['twice', [ours, ours]],
    ['with a second one of ours to anybody', [ours, log({ ...expected, to: third, value: 0n })]],
  ])('sees a difference in a transfer %s', (_what, logs) => {
    expect(judgeTransfers(logs, expected, 'ours').kind).toBe('different');
    expect(judgeTransfers(logs, expected, 'all').kind).toBe('different');
  });

  test.each([
    ['a fourth topic (ERC-721)', changed({ topics: [...ours.topics, `0x${'7'.padStart(64, '0')}`], data: '0x' })],
    ['parties that are not indexed', changed({ topics: ours.topics.slice(0, 1), data: `0x${'0'.repeat(192)}` })],
    ['a sender with dirty upper bytes', changed({ topics: topicsWith(1, DIRTY) })],
    ['a receiver with dirty upper bytes', changed({ topics: topicsWith(2, DIRTY) })],
    ['no data', changed({ data: '0x' })],
    ['data beyond the value', changed({ data: `${ours.data}00` })],
  ])('takes one that is not written as EIP-20 says for a difference: %s', (_what, odd) => {
    expect(judgeTransfers([odd], expected, 'ours').kind).toBe('different');
    expect(judgeTransfers([ours, odd], expected, 'ours').kind).toBe('different');
  });

  test('ERC-721 has the same topic', () => {
    expect(encodeEventTopics({ abi: erc721Abi, eventName: 'Transfer' })[0]).toBe(ours.topics[0]);
  });

  test('says exact of no other transfer than ours, whatever the log', () => {
    const address = fc.constantFrom(token, other, us, them, third);
    const transfers = fc.record({
      token: address,
      from: address,
      to: address,
      value: fc.oneof(fc.constant(7n), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })),
    });
    fc.assert(
      fc.property(fc.array(transfers, { maxLength: 4 }), (all) => {
        const own = all.filter((each) => each.token === token && each.from === us);
        const [only] = own;
        const kind = judgeTransfers(all.map(log), expected, 'ours').kind;
        if (only === undefined) expect(kind).toBe('missing');
        else expect(kind).toBe(own.length === 1 && only.to === them && only.value === 7n ? 'exact' : 'different');
      }),
      { examples: [[[expected]]] },
    );
  });
});
