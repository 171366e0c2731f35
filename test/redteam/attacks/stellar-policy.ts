import { nativeAsset, stellarChainId } from '@countersign/chains/caip';
import type { SignTransactionRequest } from '@countersign/contract/signer';
import { Asset, Keypair, StrKey, xdr } from '@stellar/stellar-sdk/base';
import { stellarRequest } from '../../harness/requests.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { assets, bytesOf, carrying, channel, declaring, secondsFromNow, stellar } from '../forge/requests.ts';
import { account, between, repaid, reshaped, transactionIn } from '../forge/stellar.ts';

type Forge = (t: Attacker) => SignTransactionRequest | Promise<SignTransactionRequest>;

const run = (forge: Forge) => async (t: Attacker) => t.sign(await forge(t));
const denied = (...reasons: string[]) => ['POLICY_DENIED', ...reasons].join(' ');

const PUBNET = 'Public Global Stellar Network ; September 2015';
/** A payment on another network, declared as one there. */
const elsewhere =
  (networkPassphrase: string): Forge =>
  (t) =>
    declaring(stellar(t, {}, { networkPassphrase }), { asset: nativeAsset(stellarChainId(networkPassphrase)) });

/** The good transaction with its one payment made by another account, or by nobody. */
const paidBy =
  (source: (t: Attacker) => xdr.MuxedAccount | null): Forge =>
  (t) => {
    const request = stellar(t);
    const [payment, closing] = transactionIn(bytesOf(request)).operations;
    if (payment === undefined || closing === undefined) throw new Error('not as built');
    const moved = new xdr.Operation({ body: payment.body, sourceAccount: source(t) });
    return carrying(request, reshaped(bytesOf(request), { operations: [moved, closing] }));
  };

const times =
  (min: number, max: number): Forge =>
  (t) => {
    const request = stellar(t);
    const moment = (seconds: number) => (seconds === 0 ? 0n : secondsFromNow(seconds));
    return carrying(request, reshaped(bytesOf(request), { cond: between(moment(min), moment(max)) }));
  };

/** An asset of the stack's USDC's name, by an issuer of the attacker's. */
const falseUsdc: Forge = (t) => {
  const issuer = t.world.keys.admin.publicKey();
  const request = stellar(t, { amount: 5n });
  const [payment, closing] = transactionIn(bytesOf(request)).operations;
  if (closing === undefined) throw new Error('not as built');
  const operations = [repaid(payment, { asset: new Asset('USDC', issuer).toXDRObject() }), closing];
  const forged = carrying(request, reshaped(bytesOf(request), { operations }));
  return declaring(forged, { asset: `stellar:standalone/asset:USDC-${issuer}` });
};

const burn: Forge = (t) => {
  const request = stellar(t, { destination: t.world.keys.issuer.publicKey(), amount: 5n });
  const [payment, closing] = transactionIn(bytesOf(request)).operations;
  if (closing === undefined) throw new Error('not as built');
  const asset = new Asset('USDC', t.world.keys.issuer.publicKey()).toXDRObject();
  const forged = carrying(request, reshaped(bytesOf(request), { operations: [repaid(payment, { asset }), closing] }));
  return declaring(forged, { asset: assets(t).stellarUsdc });
};

/** The stack's USDC in the field for 12 letters: on the ledger another asset, which anyone may issue under that name. */
const twin: Forge = (t) => {
  const request = stellar(t, { amount: 5n });
  const [payment, closing] = transactionIn(bytesOf(request)).operations;
  if (closing === undefined) throw new Error('not as built');
  const assetCode = new Uint8Array(Buffer.from('USDC'.padEnd(12, '\0')));
  const issuer = xdr.PublicKey.publicKeyTypeEd25519(t.world.keys.issuer.rawPublicKey());
  const asset = xdr.Asset.assetTypeCreditAlphanum12(new xdr.AlphaNum12({ assetCode, issuer }));
  const forged = carrying(request, reshaped(bytesOf(request), { operations: [repaid(payment, { asset }), closing] }));
  return declaring(forged, { asset: assets(t).stellarUsdc });
};

const creation: Forge = (t) => {
  const request = stellar(t);
  const [payment, closing] = transactionIn(bytesOf(request)).operations;
  if (payment?.body.type !== 'payment' || closing === undefined) throw new Error('not as built');
  const { destination, amount } = payment.body.paymentOp;
  if (destination.type !== 'keyTypeEd25519') throw new Error('not as built');
  const to = xdr.PublicKey.publicKeyTypeEd25519(destination.ed25519.value);
  const body = xdr.OperationBody.createAccount(new xdr.CreateAccountOp({ destination: to, startingBalance: amount }));
  const { sourceAccount } = payment;
  return carrying(
    request,
    reshaped(bytesOf(request), { operations: [new xdr.Operation({ sourceAccount, body }), closing] }),
  );
};

const last: Forge = (t) => {
  const [listed = ''] = t.world.recipients.stellar;
  const good = Array.from({ length: 98 }, () => ({ id: t.payout(), destination: listed, amount: 1n }));
  const mine = { id: t.payout(), destination: t.world.keys.admin.publicKey(), amount: 1n };
  return stellarRequest(t.world, [...good, mine], { sequence: t.sequence() });
};

const muxedOf = (publicKey: Uint8Array) => StrKey.encodeMed25519PublicKey(Buffer.concat([publicKey, Buffer.alloc(8)]));

const stranger = Keypair.random();

/** Well-formed, declared as it is, and against a rule. */
export const STELLAR_POLICY = attacks<Forge>('stellar', 'C12', run, [
  [
    'policy-destination',
    'a payment to the attacker',
    'listed destinations',
    denied('DESTINATION_NOT_ALLOWED'),
    (t) => stellar(t, { destination: t.world.keys.admin.publicKey() }),
  ],
  [
    'policy-destination-last',
    'a payment to the attacker as the last of 99',
    'listed destinations',
    denied('DESTINATION_NOT_ALLOWED'),
    last,
  ],
  [
    'policy-destination-treasury',
    'a payment to the treasury itself',
    'never paid',
    denied('DESTINATION_IS_OWN', 'DESTINATION_NOT_ALLOWED'),
    (t) => stellar(t, { destination: t.world.keys.stellar.address }),
  ],
  [
    'policy-destination-channel',
    'a payment to a channel, whose key the attacker may have',
    'never paid',
    denied('DESTINATION_IS_OWN', 'DESTINATION_NOT_ALLOWED'),
    (t) => stellar(t, { destination: channel(t, 1) }),
  ],
  [
    'policy-destination-muxed',
    'a listed account under a number that is not listed: a stranger’s purse at an exchange',
    'listed destinations',
    denied('DESTINATION_NOT_ALLOWED'),
    (t) => stellar(t, { destination: muxedOf(StrKey.decodeEd25519PublicKey(t.world.recipients.stellar[0] ?? '')) }),
  ],
  [
    'policy-destination-own-muxed',
    'the treasury itself under a number: money goes round, and the payout counts as paid',
    'never paid',
    denied('DESTINATION_IS_OWN', 'DESTINATION_NOT_ALLOWED'),
    (t) => stellar(t, { destination: muxedOf(t.world.keys.stellar.publicKey) }),
  ],
  [
    'policy-issuer',
    'a payment of USDC to its issuer: the money is burnt',
    'no payment to the issuer',
    denied('DESTINATION_IS_ISSUER'),
    burn,
  ],
  [
    'policy-amount',
    'one stroop above the limit of a payout',
    'limit of a payout',
    denied('AMOUNT_ABOVE_LIMIT'),
    (t) => stellar(t, { amount: 10_000_000_001n }),
  ],
  [
    'policy-amount-most',
    'the largest amount there is',
    'limit of a payout',
    denied('AMOUNT_ABOVE_LIMIT', 'TRANSACTION_AMOUNT_ABOVE_LIMIT'),
    (t) => stellar(t, { amount: 2n ** 63n - 1n }),
  ],
  ['policy-asset', 'an asset named USDC by the attacker', 'listed assets', denied('ASSET_NOT_ALLOWED'), falseUsdc],
  [
    'asset-twin-declared',
    'the twin of USDC, declared as USDC',
    'one spelling of an asset code',
    'TRANSACTION_MALFORMED INVALID_ASSET_CODE',
    twin,
  ],
  [
    'policy-pubnet',
    'the same transaction for the public network',
    'network of the key',
    denied('NETWORK_NOT_ALLOWED'),
    elsewhere(PUBNET),
  ],
  [
    'policy-passphrase-space',
    'a passphrase with a space after it: a network of the attacker’s',
    'network of the key',
    denied('NETWORK_NOT_ALLOWED'),
    elsewhere('Standalone Network ; February 2017 '),
  ],
  [
    'policy-channel',
    'a sequence number of the attacker’s account',
    'listed channels',
    denied('CHANNEL_NOT_ALLOWED'),
    (t) => stellar(t, {}, { channel: stranger.publicKey() }),
  ],
  [
    'policy-channel-treasury',
    'a sequence number of the treasury, which would pay the fee too',
    'listed channels',
    denied('CHANNEL_NOT_ALLOWED'),
    (t) => stellar(t, {}, { channel: t.world.keys.stellar.address }),
  ],
  [
    'policy-payer-channel',
    'a payment that the channel makes',
    'the treasury pays',
    denied('ACCOUNT_NOT_ALLOWED'),
    paidBy(() => null),
  ],
  [
    'policy-payer-other',
    'a payment that another account of the same key makes',
    'the treasury pays',
    denied('ACCOUNT_NOT_ALLOWED'),
    paidBy(() => account(stranger.rawPublicKey())),
  ],
  [
    'policy-create',
    'an account that is created, where policy pays only those that exist',
    'no new accounts',
    denied('CREATE_ACCOUNT_NOT_ALLOWED'),
    creation,
  ],
  [
    'policy-fee',
    'a stroop above the highest fee',
    'limit of a fee',
    denied('FEE_ABOVE_LIMIT'),
    (t) => stellar(t, {}, { fee: 1_000_001n }),
  ],
  [
    'policy-fee-most',
    'the highest fee that fits: 429 lumens',
    'limit of a fee',
    denied('FEE_ABOVE_LIMIT'),
    (t) => stellar(t, {}, { fee: 2n ** 32n - 1n }),
  ],
  ['policy-endless', 'an end at 0, which is none', 'an end in time', denied('TIME_BOUNDS_MISSING'), times(0, 0)],
  ['policy-expired', 'an end that has passed', 'an end in time', denied('TRANSACTION_EXPIRED'), times(0, -10)],
  [
    'policy-far',
    'an end in a year: a cheque for later',
    'an end in time',
    denied('LIFETIME_ABOVE_LIMIT'),
    times(0, 31_536_000),
  ],
  ['policy-later', 'a beginning in a minute', 'valid from now', denied('VALID_LATER'), times(60, 120)],
  [
    'policy-all',
    'seven rules at once: each is told',
    'listed destinations',
    denied(
      'DESTINATION_NOT_ALLOWED',
      'AMOUNT_ABOVE_LIMIT',
      'TRANSACTION_AMOUNT_ABOVE_LIMIT',
      'CHANNEL_NOT_ALLOWED',
      'FEE_ABOVE_LIMIT',
      'LIFETIME_ABOVE_LIMIT',
      'VALID_LATER',
    ),
    async (t) => {
      const request = stellar(
        t,
        { destination: t.world.keys.admin.publicKey(), amount: 2n ** 62n },
        { fee: 2n ** 32n - 1n, channel: stranger.publicKey() },
      );
      return carrying(request, reshaped(bytesOf(request), { cond: between(secondsFromNow(60), secondsFromNow(9999)) }));
    },
  ],
]);
