import { describe, expect, test } from '@jest/globals';
import { Account, Keypair, MuxedAccount, Operation } from '@stellar/stellar-sdk/base';
import type { WantedPayout } from '../../../testing/engine/database.ts';
import { apply, type IssuedAsset, issueAsset, treasuryKey } from '../../../testing/engine/issued-asset.ts';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';
import type { StellarWorld } from '../../../testing/engine/stellar-world.ts';
import { accountKey } from './account.ts';
import { issued, trustlineKey } from './trustline.ts';

const UNIT = 10_000_000n;
const stand = useStellarStand();
const muxed = (account: string) => new MuxedAccount(new Account(account, '0'), '7').accountId();
const MEMO = { type: 'text', value: 'invoice 42' } as const;

const outcomes = async (ids: readonly string[]) =>
  (await stand.database.payouts(ids)).map(({ status, reason_code }) => `${status} ${reason_code}`);

function lineKey(asset: IssuedAsset, holder: string) {
  const named = issued(asset.id);
  if (named === undefined) throw new Error('expected an issued asset');
  return trustlineKey(holder, named);
}

const dataOf = (name: string, value: string) => Operation.manageData({ name, value });

/** Someone who wants a memo (SEP-29). */
async function memoWanter(asset: IssuedAsset): Promise<string> {
  const holder = await asset.newHolder();
  await apply(stand.world, holder, dataOf('config.memo_required', '1'));
  return holder.publicKey();
}

describe('a payout that the ledger would refuse is failed with its reason before anything is signed', () => {
  interface Scene {
    readonly world: StellarWorld;
    readonly asset: IssuedAsset;
  }
  test.each<[name: string, code: string, arrange: (scene: Scene) => Promise<WantedPayout>]>([
    [
      'without a trustline',
      'DESTINATION_NO_TRUSTLINE',
      async ({ world, asset }) => asset.want((await world.newAccounts(1))[0] ?? '', UNIT),
    ],
    [
      'with a trustline for another asset of the same code',
      'DESTINATION_NO_TRUSTLINE',
      async ({ world, asset }) => {
        const twin = await issueAsset(world);
        return asset.want((await twin.newHolder()).publicKey(), UNIT);
      },
    ],
    [
      'that is not authorized',
      'DESTINATION_NOT_AUTHORIZED',
      async ({ asset }) => asset.want((await asset.newHolder({ flags: 'none' })).publicKey(), UNIT),
    ],
    [
      'that may only keep its offers',
      'DESTINATION_NOT_AUTHORIZED',
      async ({ asset }) => asset.want((await asset.newHolder({ flags: 'maintain-liabilities' })).publicKey(), UNIT),
    ],
    [
      'whose line is full',
      'DESTINATION_LINE_FULL',
      async ({ asset }) => {
        const holder = await asset.newHolder({ limit: '5' });
        await asset.issue(holder.publicKey(), '4.5');
        return asset.want(holder.publicKey(), UNIT / 2n + 1n);
      },
    ],
    ['that wants a memo', 'MEMO_REQUIRED', async ({ asset }) => asset.want(await memoWanter(asset), UNIT)],
    [
      'that wants a memo, in lumens',
      'MEMO_REQUIRED',
      async ({ world, asset }) => world.want(await memoWanter(asset), UNIT),
    ],
    [
      'that does not exist',
      'DESTINATION_UNFUNDED',
      async ({ asset }) => asset.want(Keypair.random().publicKey(), 10n * UNIT),
    ],
    [
      'that does not exist, too little in lumens to create it',
      'DESTINATION_UNFUNDED',
      async ({ world }) => world.want(Keypair.random().publicKey(), UNIT - 1n),
    ],
    ['that is the issuer', 'DESTINATION_IS_ISSUER', async ({ asset }) => asset.want(asset.issuer.publicKey(), UNIT)],
    [
      'that is the issuer under an M… address',
      'DESTINATION_IS_ISSUER',
      async ({ asset }) => asset.want(muxed(asset.issuer.publicKey()), UNIT),
    ],
    [
      'whose trustline is frozen',
      'TX_FROZEN_KEY_ACCESSED',
      async ({ world, asset }) => {
        const holder = (await asset.newHolder()).publicKey();
        world.rpc.ledger.freeze(lineKey(asset, holder));
        return asset.want(holder, UNIT);
      },
    ],
    [
      'whose account is frozen, in lumens',
      'TX_FROZEN_KEY_ACCESSED',
      async ({ world, asset }) => {
        const holder = (await asset.newHolder()).publicKey();
        world.rpc.ledger.freeze(accountKey(holder));
        return world.want(holder, UNIT);
      },
    ],
  ])('to a destination %s: %s', async (_name, code, arrange) => {
    const { world } = stand;
    const asset = await issueAsset(world, { toTreasury: '100' });
    const other = (await asset.newHolder()).publicKey();
    const wanted = await arrange({ world, asset });
    const ids = await stand.database.accept(wanted, { ...wanted, destination: other });
    await stand.database.reached(ids, 'failed', 'completed');
    expect(await outcomes(ids)).toEqual([`failed ${code}`, 'completed null']);
    expect(await attemptsOf(stand.database, ids.slice(0, 1))).toEqual([]);
    expect(stand.signer.requests.flatMap(({ payouts }) => payouts.map(({ payoutId }) => payoutId))).toEqual(
      ids.slice(1),
    );
  });
});

describe('an issued asset', () => {
  test('is paid, ninety-nine in one transaction, with short and long codes, to G… and M…', async () => {
    const short = await issueAsset(stand.world, { code: 'X', toTreasury: '1000' });
    const long = await issueAsset(stand.world, { code: 'LongerCode12', toTreasury: '1000' });
    const holder = await short.newHolder();
    await long.trust(holder);
    const to = holder.publicKey();
    const wanted = Array.from({ length: 99 }, (_, i) => short.want(i % 2 === 0 ? to : muxed(to), UNIT));
    const ids = await stand.database.accept(...wanted, long.want(to, UNIT));
    await stand.database.reached(ids, 'completed');
    expect([short.balance(to), long.balance(to)]).toEqual([99n * UNIT, UNIT]);
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts.map(({ payouts }) => payouts.length).sort((a, b) => b - a)).toEqual([99, 1]);
  });

  test('is paid to ninety-nine destinations at once, whose entries fit into no single call', async () => {
    const asset = await issueAsset(stand.world, { toTreasury: '1000' });
    const holders = await Promise.all(Array.from({ length: 99 }, () => asset.newHolder()));
    const ids = await stand.database.accept(...holders.map((holder) => asset.want(holder.publicKey(), UNIT)));
    await stand.database.reached(ids, 'completed');
    expect(holders.map((holder) => asset.balance(holder.publicKey()))).toEqual(holders.map(() => UNIT));
    const succeeded = (await attemptsOf(stand.database, ids)).filter(({ state }) => state === 'succeeded');
    expect(succeeded.map(({ payouts }) => payouts.length)).toEqual([99]);
  });

  test('is paid where a memo is wanted, with one or to an M… address', async () => {
    const asset = await issueAsset(stand.world, { toTreasury: '100' });
    const wanter = await memoWanter(asset);
    const ids = await stand.database.accept(
      asset.want(wanter, UNIT, MEMO),
      asset.want(muxed(wanter), UNIT),
      stand.world.want(wanter, UNIT, MEMO),
      asset.want(wanter, UNIT),
    );
    await stand.database.reached(ids, 'completed', 'failed');
    expect(await outcomes(ids)).toEqual(['completed null', 'completed null', 'completed null', 'failed MEMO_REQUIRED']);
    expect(asset.balance(wanter)).toBe(2n * UNIT);
  });

  test('fills a line exactly, and fails what goes beyond', async () => {
    const asset = await issueAsset(stand.world, { toTreasury: '100' });
    const holder = (await asset.newHolder({ limit: '3' })).publicKey();
    const ids = await stand.database.accept(
      asset.want(holder, 2n * UNIT),
      asset.want(holder, UNIT + 1n),
      asset.want(holder, UNIT),
    );
    await stand.database.reached(ids, 'completed', 'failed');
    expect(await outcomes(ids)).toEqual(['completed null', 'failed DESTINATION_LINE_FULL', 'completed null']);
    expect(asset.balance(holder)).toBe(3n * UNIT);
  });
});

describe('what the treasury cannot pay of an asset waits, and keeps no other asset waiting', () => {
  test.each<
    [code: string, pause: (asset: IssuedAsset) => Promise<void>, resume: (asset: IssuedAsset) => Promise<void>]
  >([
    [
      'TREASURY_UNDERFUNDED',
      async (asset) => {
        await asset.trust(treasuryKey(stand.world));
        await asset.issue(stand.world.keys.stellar.address, '0.5');
      },
      (asset) => asset.issue(stand.world.keys.stellar.address, '0.5'),
    ],
    [
      'TREASURY_NO_TRUSTLINE',
      async () => undefined,
      async (asset) => {
        await asset.trust(treasuryKey(stand.world));
        await asset.issue(stand.world.keys.stellar.address, '1');
      },
    ],
    [
      'TREASURY_NOT_AUTHORIZED',
      async (asset) => {
        await asset.trust(treasuryKey(stand.world));
        await asset.issue(stand.world.keys.stellar.address, '1');
        await asset.allow(stand.world.keys.stellar.address, 'maintain-liabilities');
      },
      (asset) => asset.allow(stand.world.keys.stellar.address, 'authorized'),
    ],
    [
      'TREASURY_FROZEN',
      async (asset) => {
        await asset.trust(treasuryKey(stand.world));
        await asset.issue(stand.world.keys.stellar.address, '1');
        stand.world.rpc.ledger.freeze(lineKey(asset, stand.world.keys.stellar.address));
      },
      async (asset) => stand.world.rpc.ledger.thaw(lineKey(asset, stand.world.keys.stellar.address)),
    ],
  ])('%s', async (code, pause, resume) => {
    const paused = await issueAsset(stand.world);
    const other = await issueAsset(stand.world, { toTreasury: '100' });
    const holder = await paused.newHolder();
    await other.trust(holder);
    await pause(paused);
    const to = holder.publicKey();
    const [first = '', ...rest] = await stand.database.accept(
      paused.want(to, UNIT),
      other.want(to, UNIT),
      stand.world.want(to, UNIT),
    );
    await stand.database.reached(rest, 'completed');
    await stand.database.showing([first], code);
    expect(await outcomes([first])).toEqual([`created ${code}`]);
    expect(await attemptsOf(stand.database, [first])).toEqual([]);
    await resume(paused);
    await stand.database.reached([first], 'completed');
    expect(paused.balance(to)).toBe(UNIT);
  });
});

describe('what the ledger refuses that looked well', () => {
  test.each<[code: string, change: (asset: IssuedAsset, holder: Keypair) => Promise<void>]>([
    [
      'PAYMENT_NO_TRUST',
      (asset, holder) => apply(stand.world, holder, Operation.changeTrust({ asset: asset.asset, limit: '0' })),
    ],
    ['PAYMENT_NOT_AUTHORIZED', (asset, holder) => asset.allow(holder.publicKey(), 'none')],
    [
      'PAYMENT_LINE_FULL',
      (asset, holder) => apply(stand.world, holder, Operation.changeTrust({ asset: asset.asset, limit: '0.5' })),
    ],
  ])('%s fails that payout alone, and the rest are paid at the next number', async (code, change) => {
    const asset = await issueAsset(stand.world, { toTreasury: '100' });
    const holder = await asset.newHolder();
    const other = (await asset.newHolder()).publicKey();
    stand.once('stellar.submit.stored', () => change(asset, holder));
    stand.world.rpc.faults.add({ fault: { kind: 'hold', ledgers: 20 }, times: 1 });
    const ids = await stand.database.accept(asset.want(holder.publicKey(), UNIT), asset.want(other, UNIT));
    await stand.database.reached(ids, 'completed', 'failed');
    expect(await outcomes(ids)).toEqual([`failed ${code}`, 'completed null']);
    expect(asset.balance(other)).toBe(UNIT);
    expect((await attemptsOf(stand.database, ids)).map(({ state }) => state)).toEqual(['failed', 'succeeded']);
  });

  test.each<
    [
      code: string,
      reason: string,
      change: (asset: IssuedAsset) => Promise<void>,
      resume: (asset: IssuedAsset) => Promise<void>,
    ]
  >([
    [
      'PAYMENT_SRC_NOT_AUTHORIZED',
      'TREASURY_NOT_AUTHORIZED',
      (asset) => asset.allow(stand.world.keys.stellar.address, 'none'),
      (asset) => asset.allow(stand.world.keys.stellar.address, 'authorized'),
    ],
    [
      'PAYMENT_UNDERFUNDED',
      'TREASURY_UNDERFUNDED',
      (asset) => spend(asset, '100'),
      (asset) => asset.issue(stand.world.keys.stellar.address, '100'),
    ],
    [
      'PAYMENT_SRC_NO_TRUST',
      'TREASURY_NO_TRUSTLINE',
      async (asset) => {
        await spend(asset, '100');
        const gone = Operation.changeTrust({ asset: asset.asset, limit: '0' });
        await apply(stand.world, treasuryKey(stand.world), gone);
      },
      async (asset) => {
        await asset.trust(treasuryKey(stand.world));
        await asset.issue(stand.world.keys.stellar.address, '100');
      },
    ],
  ])(
    '%s pauses that asset of the treasury; nothing is failed, other assets go on',
    async (_code, reason, change, resume) => {
      const asset = await issueAsset(stand.world, { toTreasury: '100' });
      const holder = await asset.newHolder();
      const to = holder.publicKey();
      stand.once('stellar.submit.stored', () => change(asset));
      stand.world.rpc.faults.add({ fault: { kind: 'hold', ledgers: 20 }, times: 1 });
      const ids = await stand.database.accept(asset.want(to, UNIT), asset.want(to, UNIT));
      await stand.database.showing(ids, reason);
      const [lumens = ''] = await stand.database.accept(stand.world.want(to, UNIT));
      await stand.database.reached([lumens], 'completed');
      expect(await outcomes(ids)).toEqual([`signing ${reason}`, `signing ${reason}`]);
      await resume(asset);
      await stand.database.reached(ids, 'completed');
      expect(asset.balance(to)).toBe(2n * UNIT);
      expect((await attemptsOf(stand.database, ids)).map(({ state }) => state)).toEqual(['failed', 'succeeded']);
    },
  );
});

/** From the treasury back to the issuer, behind the engine's back. */
function spend({ asset, issuer }: IssuedAsset, amount: string): Promise<void> {
  const payment = Operation.payment({ destination: issuer.publicKey(), asset, amount });
  return apply(stand.world, treasuryKey(stand.world), payment);
}
