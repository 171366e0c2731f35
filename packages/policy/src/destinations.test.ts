import { describe, expect, test } from '@jest/globals';
import {
  ACCOUNT,
  CHANNEL,
  ERC20,
  ETH,
  EVM_RECIPIENT,
  evmFile,
  issuesOf,
  keyOf,
  MUXED_ACCOUNT,
  OTHER_MUXED_ACCOUNT,
  RECIPIENT,
  SOROBAN,
  SSH_KEYS,
  STRANGER,
  stellarFile,
  USD,
  VAULT,
  XLM,
} from '../testing/files.ts';

const HASH = 'ab'.repeat(32);
const otherAccount = { account: RECIPIENT };
const to = (...destinations: readonly unknown[]) => stellarFile({ destinations });
const at = (text: string) => `keys.k.stellar.destinations.${text}`;

describe('a list of destinations', () => {
  test.each<[name: string, memo: unknown, rule: unknown]>([
    ['none', 'none', 'none'],
    ['any', 'any', 'any'],
    ['a text', 'text:invoice 7', new Set(['text:invoice 7'])],
    ['a text of 28 bytes', `text:${'é'.repeat(14)}`, new Set([`text:${'é'.repeat(14)}`])],
    ['a text that looks like another memo', 'text:id:1', new Set(['text:id:1'])],
    ['a text over lines', 'text:a\nb', new Set(['text:a\nb'])],
    ['the id 0', 'id:0', new Set(['id:0'])],
    ['the largest id', 'id:18446744073709551615', new Set(['id:18446744073709551615'])],
    ['a hash', `hash:${HASH}`, new Set([`hash:${HASH}`])],
    ['a return', `return:${HASH}`, new Set([`return:${HASH}`])],
    ['several, and none', ['none', 'text:1', 'id:1'], new Set(['none', 'text:1', 'id:1'])],
  ])('binds an account to its memo: %s', (_, memo, rule) => {
    const key = keyOf(to({ address: RECIPIENT, memo }, STRANGER));
    expect(key.destinations).toEqual({
      kind: 'listed',
      memos: new Map<string, unknown>([
        [RECIPIENT, rule],
        [STRANGER, 'none'],
      ]),
    });
  });

  test.each<[name: string, memo: unknown, problem: string]>([
    ['a text without its type', 'invoice 7', 'expected `none`, `any`, text:…, id:…, hash:<hex> or return:<hex>'],
    ['an unknown type', 'memo:7', 'expected `none`, `any`, text:…, id:…, hash:<hex> or return:<hex>'],
    ['no text', 'text:', 'expected text: and 1–28 bytes of UTF-8 without NUL'],
    ['a text of 29 bytes', `text:${'é'.repeat(14)}e`, 'expected text: and 1–28 bytes of UTF-8 without NUL'],
    ['a text with a NUL', 'text:a\0', 'expected text: and 1–28 bytes of UTF-8 without NUL'],
    ['half a surrogate pair', 'text:\ud800', 'expected text: and 1–28 bytes of UTF-8 without NUL'],
    ['an id beyond 64 bits', 'id:18446744073709551616', 'expected id: and an unsigned integer of 64 bits'],
    ['an id with a leading zero', 'id:01', 'expected id: and an unsigned integer of 64 bits'],
    ['an id with a sign', 'id:-1', 'expected id: and an unsigned integer of 64 bits'],
    ['an id in hex', 'id:0x1', 'expected id: and an unsigned integer of 64 bits'],
    ['a hash in upper case', `hash:${HASH.toUpperCase()}`, 'expected hash: and 32 bytes in lower-case hex'],
    ['a short hash', `hash:${HASH.slice(2)}`, 'expected hash: and 32 bytes in lower-case hex'],
    ['a long return', `return:${HASH}00`, 'expected return: and 32 bytes in lower-case hex'],
  ])('refuses %s', (_, memo, problem) => {
    expect(issuesOf(to(STRANGER, { address: RECIPIENT, memo }))).toEqual([`${at('1.memo')}: ${problem}`]);
  });

  test.each<[name: string, file: unknown, problem: RegExp | string]>([
    ['an empty list of memos', to({ address: RECIPIENT, memo: [] }), /^keys.k.stellar.destinations.0.memo: Too small/],
    [
      'a memo among others that is none',
      to({ address: RECIPIENT, memo: ['text:1', 'id:x', 'id:1'] }),
      `${at('0.memo.1')}: expected id: and an unsigned integer of 64 bits`,
    ],
    [
      '`any` among others',
      to({ address: RECIPIENT, memo: ['text:1', 'any'] }),
      `${at('0.memo.1')}: expected a memo: \`any\` stands alone`,
    ],
    [
      'a memo twice',
      to({ address: RECIPIENT, memo: ['text:1', 'id:1', 'text:1'] }),
      `${at('0.memo.2')}: expected each memo once`,
    ],
    [
      'a memo that is a number',
      to({ address: RECIPIENT, memo: 7 }),
      `${at('0.memo')}: expected a memo or a list of memos`,
    ],
    ['an entry without a memo', to({ address: RECIPIENT }), `${at('0.memo')}: expected a memo or a list of memos`],
    [
      'an unknown word in an entry',
      to({ address: RECIPIENT, memo: 'any', note: 'x' }),
      `${at('0.note')}: unknown word`,
    ],
    ['an entry that is neither', to(RECIPIENT, 7), `${at('1')}: expected an address, or \`address\` and \`memo\``],
    ['`any` among others', to(RECIPIENT, 'any'), /destinations.1: /],
    ['a bad address', to({ address: 'x', memo: 'any' }), /destinations.0.address: /],
    ['an account twice', to(RECIPIENT, RECIPIENT), `${at('1')}: expected each destination once`],
    [
      'an account twice, with and without a memo',
      to(RECIPIENT, { address: RECIPIENT, memo: 'text:1' }),
      `${at('1.address')}: expected each destination once`,
    ],
    [
      'our own channel with a memo',
      to({ address: CHANNEL, memo: 'text:1' }),
      `${at('0.address')}: expected an account that is not our own`,
    ],
    [
      'a memo to a muxed account',
      stellarFile({ ...otherAccount, destinations: [{ address: MUXED_ACCOUNT, memo: 'id:1' }] }),
      `${at('0.memo')}: expected \`none\`: an account (\`G…\`) alone is paid with a memo`,
    ],
    [
      'a memo to a contract',
      stellarFile({ soroban: SOROBAN, destinations: [{ address: VAULT, memo: 'any' }] }),
      `${at('0.memo')}: expected \`none\`: an account (\`G…\`) alone is paid with a memo`,
    ],
    [
      'a contract without soroban',
      to(VAULT),
      `${at('0')}: expected an account: a contract is paid under \`soroban\` alone`,
    ],
    [
      'the contract of lumens, which are not listed',
      stellarFile({
        soroban: SOROBAN,
        assets: { [USD]: { max_per_payout: '1' } },
        destinations: ['CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC'],
      }),
      `${at('0')}: expected a holder, got the contract of a listed asset`,
    ],
    [
      'an EVM address twice, in two spellings',
      evmFile({ destinations: [EVM_RECIPIENT, EVM_RECIPIENT.toLowerCase()] }),
      'keys.k.evm.destinations.1: expected each destination once',
    ],
    [
      'a memo on EVM',
      evmFile({ destinations: [{ address: EVM_RECIPIENT, memo: 'none' }] }),
      /^keys.k.evm.destinations.0: .*expected string/,
    ],
    [
      'a rule for memos that a list has no use for',
      stellarFile({ memo: 'none' }),
      'keys.k.stellar.memo: stands with `destinations: any` alone: in a list each entry says its memos',
    ],
  ])('refuses %s', (_, file, problem) => {
    expect(issuesOf(file)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });

  test('takes a muxed account by its own address, beside others of the same account', () => {
    const destinations = [RECIPIENT, MUXED_ACCOUNT, { address: OTHER_MUXED_ACCOUNT, memo: 'none' }, ACCOUNT];
    const change = { account: STRANGER, destinations };
    expect(keyOf(stellarFile(change)).destinations).toEqual({
      kind: 'listed',
      memos: new Map([RECIPIENT, MUXED_ACCOUNT, OTHER_MUXED_ACCOUNT, ACCOUNT].map((address) => [address, 'none'])),
    });
  });
});

describe('`destinations: any`', () => {
  const windows = [{ seconds: 3600, max_amount: '5000', max_count: 10 }];
  const limited = { max_per_payout: '1000', windows };
  const any = { destinations: 'any', memo: 'none', assets: { [XLM]: limited } };
  const budget = { fee_budget: [{ seconds: 3600, max: '1' }] };

  test('loads with a window of amount and of count for each asset, and a fee budget', () => {
    expect(keyOf(stellarFile(any, budget)).destinations).toEqual({ kind: 'any', memo: 'none' });
    expect(keyOf(stellarFile({ ...any, memo: 'any' }, budget)).destinations).toEqual({ kind: 'any', memo: 'any' });
    const evm = { destinations: 'any', assets: { [ETH]: limited } };
    expect(keyOf(evmFile(evm, budget)).destinations).toEqual({ kind: 'any', memo: 'none' });
  });

  test('takes the two limits in two windows', () => {
    const apart = [
      { seconds: 60, max_amount: '5000' },
      { seconds: 3600, max_count: 10 },
    ];
    expect(issuesOf(stellarFile({ ...any, assets: { [XLM]: { ...limited, windows: apart } } }, budget))).toEqual([]);
  });

  test('never pays us, a token or nobody', () => {
    const stellar = { ...any, soroban: SOROBAN, assets: { [XLM]: limited, [USD]: limited } };
    expect([...keyOf(stellarFile(stellar, budget)).neverPaid]).toEqual(
      expect.arrayContaining([
        [ACCOUNT, 'own'],
        [CHANNEL, 'own'],
        ['CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC', 'token'],
        ['GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF', 'nobody'],
      ]),
    );
    const evm = { destinations: 'any', assets: { [ERC20.toLowerCase()]: { ...limited, decimals: 6 } } };
    expect(keyOf(evmFile(evm, budget)).neverPaid).toEqual(
      new Map([
        ['0x0000000000000000000000000000000000000000', 'nobody'],
        ['0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', 'token'],
      ]),
    );
  });

  const field = (id: string) => `keys.k.stellar.assets.${id}.windows`;
  const amount = 'expected one with `max_amount`, which `destinations: any` needs';
  const count = 'expected one with `max_count`, which `destinations: any` needs';

  test.each<[name: string, file: unknown, problems: readonly string[]]>([
    [
      'no window',
      stellarFile({ ...any, assets: { [XLM]: { max_per_payout: '1' } } }, budget),
      [`${field(XLM)}: ${amount}`, `${field(XLM)}: ${count}`],
    ],
    [
      'no limit of the amount',
      stellarFile(
        { ...any, assets: { [XLM]: { max_per_payout: '1', windows: [{ seconds: 1, max_count: 1 }] } } },
        budget,
      ),
      [`${field(XLM)}: ${amount}`],
    ],
    [
      'no limit of the count',
      stellarFile(
        { ...any, assets: { [XLM]: { max_per_payout: '1', windows: [{ seconds: 1, max_amount: '1' }] } } },
        budget,
      ),
      [`${field(XLM)}: ${count}`],
    ],
    [
      'one of two assets without windows',
      stellarFile({ ...any, assets: { [XLM]: limited, [USD]: { max_per_payout: '1' } } }, budget),
      [`${field(USD)}: ${amount}`, `${field(USD)}: ${count}`],
    ],
    ['no fee budget', stellarFile(any), ['keys.k.fee_budget: is needed with `destinations: any`']],
    [
      'no rule for memos',
      stellarFile({ ...any, memo: undefined }, budget),
      ['keys.k.stellar.memo: is needed with `destinations: any`'],
    ],
    [
      'no fee budget on EVM',
      evmFile({ destinations: 'any', assets: { [ETH]: limited } }),
      ['keys.k.fee_budget: is needed with `destinations: any`'],
    ],
    [
      'a memo rule on EVM',
      evmFile({ destinations: 'any', memo: 'none', assets: { [ETH]: limited } }, budget),
      ['keys.k.evm.memo: unknown word'],
    ],
    [
      'approvals for what is unlisted',
      stellarFile(any, {
        ...budget,
        approvals: {
          threshold: 1,
          approvers: { alice: SSH_KEYS.alice },
          unlisted_destinations: true,
          max_lifetime_seconds: 60,
        },
      }),
      ['keys.k.approvals.unlisted_destinations: expected false: with `destinations: any` there is none'],
    ],
  ])('refuses to load with %s', (_, file, problems) => {
    expect(issuesOf(file)).toEqual(problems);
  });
});
