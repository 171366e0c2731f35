import { Asset, Claimant, Operation, xdr } from '@stellar/stellar-sdk/base';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { bytesOf, carrying, stellar } from '../forge/requests.ts';
import { bump, repaid, reshaped, transactionIn } from '../forge/stellar.ts';

/** An operation of the attacker's; `me` is the attacker's account, `payment` the one that it hides among. */
type Forge = (me: string, payment: xdr.Operation, treasury: string) => xdr.Operation;

/** It stands as number 57 among 98 payments of one stroop, all of them declared. */
const hidden = (forge: Forge) => async (t: Attacker) => {
  const { admin, stellar: treasury } = t.world.keys;
  const request = stellar(t, { amount: 1n });
  const [payment, closing] = transactionIn(bytesOf(request)).operations;
  const [declared] = request.payouts;
  if (payment === undefined || closing === undefined || declared === undefined) throw new Error('not as built');
  const foreign = forge(admin.publicKey(), payment, treasury.address);
  const operations = [...new Array<xdr.Operation>(98).fill(payment).toSpliced(56, 0, foreign), closing];
  const payouts = Array.from({ length: 98 }, () => ({ ...declared, payoutId: t.payout() }));
  return t.sign({ ...carrying(request, reshaped(bytesOf(request), { operations })), payouts });
};

const native = Asset.native();
const pool = '00'.repeat(32);
const balance = `00000000${'00'.repeat(32)}`;
const usd = (issuer: string) => new Asset('USD', issuer);
const offer = (issuer: string) => ({ selling: native, buying: usd(issuer), price: '1' });
const REFUSED = 'TRANSACTION_MALFORMED UNSUPPORTED_OPERATION';
const KNOWN = 'three kinds of operation';

/** Every other operation there is: none is a payout, and most of them move money or power. */
export const STELLAR_OPERATIONS = attacks<Forge>('stellar', 'C4', hidden, [
  [
    'operation-account-merge',
    'a merge of the account into the attacker’s',
    KNOWN,
    REFUSED,
    (me, _, source) => Operation.accountMerge({ destination: me, source }),
  ],
  [
    'operation-set-options',
    'the attacker as a new signer of the treasury',
    KNOWN,
    REFUSED,
    (me, _, source) => Operation.setOptions({ signer: { ed25519PublicKey: me, weight: 255 }, source }),
  ],
  [
    'operation-path-send',
    'a path payment of all there is for the least there is',
    KNOWN,
    REFUSED,
    (me) =>
      Operation.pathPaymentStrictSend({
        sendAsset: native,
        sendAmount: '900000',
        destination: me,
        destAsset: native,
        destMin: '0.0000001',
        path: [],
      }),
  ],
  [
    'operation-path-receive',
    'a path payment by what arrives',
    KNOWN,
    REFUSED,
    (me) =>
      Operation.pathPaymentStrictReceive({
        sendAsset: native,
        sendMax: '900000',
        destination: me,
        destAsset: native,
        destAmount: '1',
        path: [],
      }),
  ],
  [
    'operation-sell-offer',
    'an offer of lumens for the attacker’s own asset',
    KNOWN,
    REFUSED,
    (me) => Operation.manageSellOffer({ ...offer(me), amount: '900000', offerId: '0' }),
  ],
  [
    'operation-buy-offer',
    'an offer to buy the attacker’s asset',
    KNOWN,
    REFUSED,
    (me) => Operation.manageBuyOffer({ ...offer(me), buyAmount: '900000', offerId: '0' }),
  ],
  [
    'operation-passive-offer',
    'a passive offer',
    KNOWN,
    REFUSED,
    (me) => Operation.createPassiveSellOffer({ ...offer(me), amount: '900000' }),
  ],
  [
    'operation-change-trust',
    'a trust line to the attacker’s asset',
    KNOWN,
    REFUSED,
    (me) => Operation.changeTrust({ asset: usd(me) }),
  ],
  [
    'operation-allow-trust',
    'an authorization to hold an asset',
    KNOWN,
    REFUSED,
    (me) => Operation.allowTrust({ trustor: me, assetCode: 'USD', authorize: 1 }),
  ],
  [
    'operation-trust-flags',
    'flags of a trust line',
    KNOWN,
    REFUSED,
    (me) => Operation.setTrustLineFlags({ trustor: me, asset: usd(me), flags: { authorized: true } }),
  ],
  [
    'operation-claimable-balance',
    'a balance that only the attacker can claim',
    KNOWN,
    REFUSED,
    (me) => Operation.createClaimableBalance({ asset: native, amount: '900000', claimants: [new Claimant(me)] }),
  ],
  [
    'operation-claim',
    'the claim of a balance',
    KNOWN,
    REFUSED,
    () => Operation.claimClaimableBalance({ balanceId: balance }),
  ],
  [
    'operation-clawback',
    'a clawback',
    KNOWN,
    REFUSED,
    (me) => Operation.clawback({ asset: usd(me), amount: '1', from: me }),
  ],
  [
    'operation-clawback-balance',
    'a clawback of a claimable balance',
    KNOWN,
    REFUSED,
    () => Operation.clawbackClaimableBalance({ balanceId: balance }),
  ],
  [
    'operation-sponsor',
    'the treasury as sponsor of whatever the attacker creates',
    KNOWN,
    REFUSED,
    (me) => Operation.beginSponsoringFutureReserves({ sponsoredId: me }),
  ],
  [
    'operation-sponsor-end',
    'the end of a sponsorship',
    KNOWN,
    REFUSED,
    () => Operation.endSponsoringFutureReserves({}),
  ],
  [
    'operation-sponsor-revoke',
    'the end of the sponsorship of an account',
    KNOWN,
    REFUSED,
    (me) => Operation.revokeAccountSponsorship({ account: me }),
  ],
  [
    'operation-manage-data',
    'data on the account: an entry that a wallet login reads',
    KNOWN,
    REFUSED,
    () => Operation.manageData({ name: 'attacker.example auth', value: 'nonce' }),
  ],
  [
    'operation-pool-deposit',
    'a deposit into a liquidity pool',
    KNOWN,
    REFUSED,
    () =>
      Operation.liquidityPoolDeposit({
        liquidityPoolId: pool,
        maxAmountA: '1',
        maxAmountB: '1',
        minPrice: '1',
        maxPrice: '1',
      }),
  ],
  [
    'operation-pool-withdraw',
    'a withdrawal from a liquidity pool',
    KNOWN,
    REFUSED,
    () => Operation.liquidityPoolWithdraw({ liquidityPoolId: pool, amount: '1', minAmountA: '1', minAmountB: '1' }),
  ],
  ['operation-inflation', 'an inflation vote', KNOWN, REFUSED, () => Operation.inflation({})],
  [
    'operation-host-function',
    'a contract call among payments',
    KNOWN,
    REFUSED,
    () => Operation.uploadContractWasm({ wasm: new Uint8Array(4) }),
  ],
  [
    'operation-extend-ttl',
    'rent for ledger entries',
    KNOWN,
    REFUSED,
    () => Operation.extendFootprintTtl({ extendTo: 1 }),
  ],
  ['operation-restore', 'the restoring of ledger entries', KNOWN, REFUSED, () => Operation.restoreFootprint({})],
]);

const issuer = xdr.PublicKey.publicKeyTypeEd25519(new Uint8Array(32).fill(5));
const code12 = (text: string): Forge => {
  const assetCode = new Uint8Array(Buffer.from(text.padEnd(12, '\0'), 'latin1'));
  return (_, payment) =>
    repaid(payment, { asset: xdr.Asset.assetTypeCreditAlphanum12(new xdr.AlphaNum12({ assetCode, issuer })) });
};
const code4 = (text: string): Forge => {
  const assetCode = new Uint8Array(Buffer.from(text.padEnd(4, '\0'), 'latin1'));
  return (_, payment) =>
    repaid(payment, { asset: xdr.Asset.assetTypeCreditAlphanum4(new xdr.AlphaNum4({ assetCode, issuer })) });
};
const CODE = 'TRANSACTION_MALFORMED INVALID_ASSET_CODE';
const AMOUNT = 'TRANSACTION_MALFORMED INVALID_AMOUNT';
const stranger = new Uint8Array(32).fill(1);

/** Values inside the three operations that are known. */
export const STELLAR_VALUES = attacks<Forge>('stellar', 'C10', hidden, [
  [
    'asset-twin',
    'an asset of 4 letters in the field for 12: another asset with the same name',
    'one spelling of an asset code',
    CODE,
    code12('USDC'),
  ],
  ['asset-empty', 'an asset without a name', 'one spelling of an asset code', CODE, code4('')],
  [
    'asset-gap',
    'a NUL inside a name: one reader ends there',
    'one spelling of an asset code',
    CODE,
    code12('USDC\0COIN'),
  ],
  ['asset-leading-nul', 'a NUL before a name', 'one spelling of an asset code', CODE, code4('\0USD')],
  ['asset-space', 'a space after a name', 'one spelling of an asset code', CODE, code4('USD ')],
  ['asset-latin1', 'a letter that looks like another', 'one spelling of an asset code', CODE, code4('US\xd0C')],
  [
    'asset-hyphen',
    'a hyphen in a name, which parts code and issuer in an id',
    'one spelling of an asset code',
    CODE,
    code12('USD-GABC'),
  ],
  ['amount-0', 'a payment of nothing', 'positive amounts', AMOUNT, (_, payment) => repaid(payment, { amount: 0n })],
  [
    'amount-negative',
    'a payment of -1: the sum of the batch stays below a limit',
    'positive amounts',
    AMOUNT,
    (_, payment) => repaid(payment, { amount: -1n }),
  ],
  [
    'amount-least',
    'a payment of the least int64',
    'positive amounts',
    AMOUNT,
    (_, payment) => repaid(payment, { amount: -(2n ** 63n) }),
  ],
  [
    'create-account-0',
    'an account that is created with nothing',
    'positive amounts',
    AMOUNT,
    (_, { sourceAccount }) =>
      new xdr.Operation({
        sourceAccount,
        body: xdr.OperationBody.createAccount(new xdr.CreateAccountOp({ destination: issuer, startingBalance: 0n })),
      }),
  ],
  [
    'bump-negative',
    'a bump to a negative number',
    'sequence in a lane',
    'TRANSACTION_MALFORMED INVALID_SEQUENCE',
    () => bump(-1n),
  ],
  [
    'bump-muxed',
    'a bump of the treasury under a number',
    'plain sources',
    'TRANSACTION_MALFORMED MUXED_SOURCE',
    () => bump(1n, xdr.MuxedAccount.keyTypeMuxedEd25519(new xdr.MuxedAccountMed25519({ id: 1n, ed25519: stranger }))),
  ],
]);
