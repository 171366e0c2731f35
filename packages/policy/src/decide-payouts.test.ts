import type { StellarMemo } from '@countersign/chains/transfer';
import { describe, expect, test } from '@jest/globals';
import {
  ANN,
  BOB,
  CLARA,
  codesOf,
  evmKey,
  evmQuestion,
  ISSUER,
  limits,
  listed,
  MUXED_ISSUER,
  reasonsOf,
  stellarKey,
  stellarQuestion,
  toAnn,
  toClara,
  USD,
  XLM,
} from '../testing/policies.ts';
import type { ProposedPayout } from './decide.ts';
import type { ApprovalRules, AssetLimits, Destinations, KeyPolicy, MemoRule, NeverPaid } from './schema.ts';

const EVE = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
const OTHER_MUXED = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ';
const VAULT = 'CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD2KM';

const payoutTo = (destination: string, change: Partial<ProposedPayout> = {}): ProposedPayout => ({
  ...toAnn,
  destination,
  ...change,
});
const paying = (policy: KeyPolicy, ...payouts: readonly ProposedPayout[]) => {
  const question = policy.kind === 'evm' ? evmQuestion : stellarQuestion;
  return codesOf(policy, { ...question, payouts });
};
const said = (policy: KeyPolicy, ...payouts: readonly ProposedPayout[]) =>
  reasonsOf(policy, { ...stellarQuestion, payouts });

describe('memos', () => {
  const hash = new Uint8Array(32).fill(7);
  const HEX = '07'.repeat(32);
  const MEMOS: Readonly<Record<string, StellarMemo>> = {
    'text:1': { type: 'text', value: '1' },
    'text:id:1': { type: 'text', value: 'id:1' },
    'text:any': { type: 'text', value: 'any' },
    'text:none': { type: 'text', value: 'none' },
    'text:': { type: 'text', value: '' },
    'text:E\u0301': { type: 'text', value: 'E\u0301' },
    'text:\u00c9': { type: 'text', value: '\u00c9' },
    'id:1': { type: 'id', value: 1n },
    [`hash:${HEX}`]: { type: 'hash', value: hash },
    [`return:${HEX}`]: { type: 'return', value: hash },
    [`text:${HEX.slice(0, 28)}`]: { type: 'text', value: HEX.slice(0, 28) },
  };

  const allowedBy = (rule: MemoRule) => {
    const policy = { ...stellarKey, destinations: listed([ANN, rule]) };
    return [
      ...(paying(policy, payoutTo(ANN)).length === 0 ? ['none'] : []),
      ...Object.entries(MEMOS)
        .filter(([, memo]) => paying(policy, payoutTo(ANN, { memo })).length === 0)
        .map(([name]) => name),
    ];
  };

  test('an account that is listed alone is paid without one', () => {
    expect(allowedBy('none')).toEqual(['none']);
  });

  test('an account that is listed with any is paid with each, and with none', () => {
    expect(allowedBy('any')).toEqual(['none', ...Object.keys(MEMOS)]);
  });

  test.each([...Object.keys(MEMOS), 'none'])('an account that is listed with %j is paid with that alone', (memo) => {
    expect(allowedBy(new Set([memo]))).toEqual([memo]);
  });

  test('an account that is listed with several is paid with each of them', () => {
    expect(allowedBy(new Set(['none', 'id:1', 'text:1']))).toEqual(['none', 'text:1', 'id:1']);
  });

  test('are bound to their account: that of another is no good', () => {
    const policy = { ...stellarKey, destinations: listed([ANN, new Set(['id:1'])], [BOB, new Set(['text:1'])]) };
    const [one, text] = [MEMOS['id:1'], MEMOS['text:1']];
    if (one === undefined || text === undefined) throw new Error('expected two memos');
    expect(paying(policy, payoutTo(ANN, { memo: one }))).toEqual([]);
    expect(paying(policy, payoutTo(BOB, { memo: one }))).toEqual(['MEMO_NOT_ALLOWED']);
    expect(paying(policy, payoutTo(BOB, { memo: text }))).toEqual([]);
    expect(paying(policy, payoutTo(EVE, { memo: one }))).toEqual(['DESTINATION_NOT_ALLOWED']);
  });

  test('are named as missing, or as another', () => {
    const policy = { ...stellarKey, destinations: listed(ANN, [BOB, new Set(['id:1'])]) };
    expect(said(policy, payoutTo(ANN, { memo: { type: 'id', value: 1n } }), payoutTo(BOB))).toEqual([
      { code: 'MEMO_NOT_ALLOWED', message: `payouts[0].memo: ${ANN} is not listed with this one` },
      { code: 'MEMO_NOT_ALLOWED', message: `payouts[1].memo: ${BOB} is not listed with none` },
    ]);
  });

  test.each([MUXED_ISSUER, VAULT, CLARA])('%s carries none, whatever the rule', (address) => {
    const memo: StellarMemo = { type: 'id', value: 1n };
    for (const destinations of [listed([address, 'any']), { kind: 'any', memo: 'any' } as const]) {
      expect(paying({ ...stellarKey, destinations }, payoutTo(address, { memo }))).toEqual(['MEMO_NOT_ALLOWED']);
      expect(paying({ ...stellarKey, destinations }, payoutTo(address))).toEqual([]);
    }
  });
});

describe('destinations', () => {
  test('a muxed account is another destination than its account, and than any other of the account', () => {
    const muxed = { ...stellarKey, destinations: listed(MUXED_ISSUER) };
    expect(paying(muxed, payoutTo(MUXED_ISSUER))).toEqual([]);
    expect(paying(muxed, payoutTo(ISSUER))).toEqual(['DESTINATION_NOT_ALLOWED']);
    expect(paying(muxed, payoutTo(OTHER_MUXED))).toEqual(['DESTINATION_NOT_ALLOWED']);
    const plain = { ...stellarKey, destinations: listed([ISSUER, 'any']) };
    expect(paying(plain, payoutTo(MUXED_ISSUER))).toEqual(['DESTINATION_NOT_ALLOWED']);
  });

  test('an EVM address is listed in its canonical spelling', () => {
    expect(paying(evmKey, toClara)).toEqual([]);
    expect(paying(evmKey, { ...toClara, destination: CLARA.toLowerCase() })).toEqual(['DESTINATION_NOT_ALLOWED']);
  });

  test('an empty list pays nobody', () => {
    expect(paying({ ...stellarKey, destinations: listed() }, toAnn)).toEqual(['DESTINATION_NOT_ALLOWED']);
  });

  test('any pays everybody, with memos as it says', () => {
    const memo: StellarMemo = { type: 'text', value: '1' };
    const without: Destinations = { kind: 'any', memo: 'none' };
    const policy = { ...stellarKey, destinations: without };
    expect(paying(policy, ...[ANN, BOB, EVE, MUXED_ISSUER, VAULT].map((address) => payoutTo(address)))).toEqual([]);
    expect(paying(policy, payoutTo(ANN, { memo }))).toEqual(['MEMO_NOT_ALLOWED']);
    expect(paying({ ...policy, destinations: { kind: 'any', memo: 'any' } }, payoutTo(ANN, { memo }))).toEqual([]);
  });

  const never = new Map<string, NeverPaid>([
    [ISSUER, 'own'],
    [VAULT, 'token'],
    [EVE, 'nobody'],
    [CLARA, 'own'],
  ]);
  const approved = new Set(['alice', 'bob', 'clara']);

  test.each([
    ['DESTINATION_IS_OWN', ISSUER, 'is an account of our own'],
    ['DESTINATION_IS_OWN', MUXED_ISSUER, 'is an account of our own'],
    ['DESTINATION_IS_OWN', OTHER_MUXED, 'is an account of our own'],
    ['DESTINATION_IS_OWN', CLARA, 'is an account of our own'],
    ['DESTINATION_IS_TOKEN', VAULT, 'is the contract of a token, not a holder'],
    ['DESTINATION_IS_NOBODY', EVE, 'is an address that nobody can own'],
  ])('%s: %s is paid by no rule and by no approval', (code, address, what) => {
    const approvals = approvalsOf({ unlistedDestinations: true });
    for (const destinations of [listed(address), listed(), { kind: 'any', memo: 'none' } as const]) {
      const policy = { ...stellarKey, destinations, neverPaid: never, approvals };
      const payout = payoutTo(address, { approvers: approved });
      expect(said(policy, payout)).toEqual([{ code, message: `payouts[0].destination: ${address} ${what}` }]);
    }
  });

  test('an issuer is paid its own asset by no rule and by no approval', () => {
    const approvals = approvalsOf({ unlistedDestinations: true });
    for (const destinations of [listed(ISSUER, MUXED_ISSUER), listed(), { kind: 'any', memo: 'none' } as const]) {
      const policy = { ...stellarKey, destinations, approvals };
      for (const address of [ISSUER, MUXED_ISSUER, OTHER_MUXED]) {
        const payout = payoutTo(address, { asset: USD, approvers: approved });
        expect(paying(policy, payout)).toEqual(['DESTINATION_IS_ISSUER']);
      }
    }
  });
});

describe('the amount of a transaction', () => {
  const policy = (maxPerTransaction: bigint) => ({
    ...stellarKey,
    assets: new Map([
      [XLM, limits({ maxPerTransaction })],
      [USD, limits({ issuer: ISSUER })],
    ]),
  });
  const payouts = [payoutTo(ANN), payoutTo(BOB), payoutTo(ANN, { amount: 1n })];

  test('is that of all its payouts of one asset', () => {
    expect(paying(policy(2_001n), ...payouts)).toEqual([]);
    expect(said(policy(2_000n), ...payouts)).toEqual([
      {
        code: 'TRANSACTION_AMOUNT_ABOVE_LIMIT',
        message: `payouts: expected at most 0.0002 of ${XLM} in all, got 0.0002001`,
      },
    ]);
  });

  test('is counted for each asset by itself', () => {
    const usd = payoutTo(ANN, { asset: USD });
    expect(paying(policy(1_000n), payoutTo(ANN), usd, usd)).toEqual([]);
  });

  test('wraps around nowhere', () => {
    const most = 2n ** 256n - 1n;
    const assets = new Map([[XLM, limits({ maxPerPayout: most, maxPerTransaction: most })]]);
    const two = [payoutTo(ANN, { amount: most }), payoutTo(ANN, { amount: 1n })];
    expect(paying({ ...stellarKey, assets }, ...two)).toEqual(['TRANSACTION_AMOUNT_ABOVE_LIMIT']);
  });
});

describe('approvals', () => {
  const policy = (assets: Partial<AssetLimits>, approvals: ApprovalRules = approvalsOf()) => ({
    ...stellarKey,
    assets: new Map([[XLM, limits(assets)]]),
    approvals,
  });
  const by = (...approvers: readonly string[]) => ({ approvers: new Set(approvers) });

  test('are needed above the amount, not at it', () => {
    const above = policy({ approvalAbove: 500n });
    expect(paying(above, payoutTo(ANN, { amount: 500n }))).toEqual([]);
    expect(said(above, payoutTo(ANN, { amount: 501n }))).toEqual([
      {
        code: 'APPROVAL_REQUIRED',
        message:
          'payouts[0]: payout po_1 needs the signatures of 2 of the 3 approvers and has 0: its amount is above 0.00005',
      },
    ]);
  });

  test('are needed for every payout above 0', () => {
    expect(paying(policy({ approvalAbove: 0n }), payoutTo(ANN, { amount: 1n }))).toEqual(['APPROVAL_REQUIRED']);
  });

  test('count from the threshold on', () => {
    const above = policy({ approvalAbove: 500n });
    expect(paying(above, payoutTo(ANN, by('alice')))).toEqual(['APPROVAL_REQUIRED']);
    expect(paying(above, payoutTo(ANN, by('alice', 'clara')))).toEqual([]);
    expect(paying(above, payoutTo(ANN, by('alice', 'bob', 'clara')))).toEqual([]);
  });

  test('of people whom the policy does not name count nothing', () => {
    expect(paying(policy({ approvalAbove: 500n }), payoutTo(ANN, by('alice', 'eve', 'mallory')))).toEqual([
      'APPROVAL_REQUIRED',
    ]);
  });

  test('of one payout say nothing of another', () => {
    const above = policy({ approvalAbove: 500n });
    const approved = payoutTo(ANN, by('alice', 'bob'));
    const reasons = said(above, approved, { ...payoutTo(BOB), payoutId: 'po_2' });
    expect(reasons).toEqual([
      { code: 'APPROVAL_REQUIRED', message: expect.stringMatching(/^payouts\[1\]: payout po_2 needs/) },
    ]);
  });

  test('lift no limit', () => {
    const approved = payoutTo(ANN, { amount: 1_001n, ...by('alice', 'bob', 'clara') });
    expect(paying(policy({ approvalAbove: 500n }), approved)).toEqual(['AMOUNT_ABOVE_LIMIT']);
    const both = policy({ approvalAbove: 500n, maxPerTransaction: 1_999n });
    const each = payoutTo(ANN, by('alice', 'bob'));
    expect(paying(both, each, each)).toEqual(['TRANSACTION_AMOUNT_ABOVE_LIMIT']);
  });

  test('that are asked for where nobody is named are never enough', () => {
    const { approvals: _, ...nobody } = policy({ approvalAbove: 500n });
    expect(paying(nobody, payoutTo(ANN, by('alice', 'bob', 'clara')))).toEqual(['APPROVAL_REQUIRED']);
  });

  describe('to a destination that is not listed', () => {
    const open = policy({}, approvalsOf({ unlistedDestinations: true }));
    const memo: StellarMemo = { type: 'text', value: '1' };

    test('are no good where the policy does not say so', () => {
      expect(paying(policy({}), payoutTo(EVE, by('alice', 'bob', 'clara')))).toEqual(['DESTINATION_NOT_ALLOWED']);
      expect(paying(policy({}), payoutTo(ANN, { memo, ...by('alice', 'bob', 'clara') }))).toEqual(['MEMO_NOT_ALLOWED']);
    });

    test('are asked for, and then enough', () => {
      expect(said(open, payoutTo(EVE, by('bob')))).toEqual([
        {
          code: 'APPROVAL_REQUIRED',
          message:
            'payouts[0]: payout po_1 needs the signatures of 2 of the 3 approvers and has 1: its destination is not listed',
        },
      ]);
      expect(paying(open, payoutTo(EVE, by('bob', 'clara')))).toEqual([]);
      expect(paying(open, payoutTo(EVE, { memo, ...by('bob', 'clara') }))).toEqual([]);
    });

    test('are asked for with another memo too: the entry binds both', () => {
      expect(said(open, payoutTo(ANN, { memo }))).toEqual([
        { code: 'APPROVAL_REQUIRED', message: expect.stringMatching(/its destination is not listed with its memo$/) },
      ]);
      expect(paying(open, payoutTo(ANN, { memo, ...by('alice', 'bob') }))).toEqual([]);
    });

    test('are asked for once, whatever the reasons', () => {
      const both = policy({ approvalAbove: 500n }, approvalsOf({ unlistedDestinations: true }));
      expect(said(both, payoutTo(EVE, by('bob')))).toEqual([
        {
          code: 'APPROVAL_REQUIRED',
          message: expect.stringMatching(/ its amount is above 0.00005, and its destination is not listed$/),
        },
      ]);
      expect(paying(both, payoutTo(EVE, by('alice', 'bob')))).toEqual([]);
    });

    test('change nothing where any destination may be paid: there none is unlisted', () => {
      const any = { ...open, destinations: { kind: 'any', memo: 'none' } as const };
      const approved = payoutTo(ANN, { memo, ...by('alice', 'bob', 'clara') });
      expect(paying(any, approved)).toEqual(['MEMO_NOT_ALLOWED']);
    });

    test('stand beside every other reason', () => {
      const payout = payoutTo(EVE, { amount: 1_001n });
      expect(paying(open, payout)).toEqual(['AMOUNT_ABOVE_LIMIT', 'APPROVAL_REQUIRED']);
    });
  });
});

function approvalsOf(change: Partial<ApprovalRules> = {}): ApprovalRules {
  return {
    threshold: 2,
    approvers: new Map(['alice', 'bob', 'clara'].map((name) => [`SHA256:${name}`, name])),
    unlistedDestinations: false,
    maxLifetime: 60n,
    ...change,
  };
}
