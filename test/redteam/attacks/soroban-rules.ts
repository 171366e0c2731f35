import { nativeAsset, parseAssetId, stellarChainId } from '@countersign/chains/caip';
import { attachAuthorizationSignature } from '@countersign/chains/stellar/attach';
import { assetContract } from '@countersign/chains/stellar/contract';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import type { SignTransactionRequest } from '@countersign/contract/signer';
import { Keypair, StrKey, xdr } from '@stellar/stellar-sdk/base';
import { PASSPHRASE, XLM } from '../../harness/requests.ts';
import { balanceKey, sorobanData } from '../../harness/soroban-data.ts';
import { authorizationRequest, invocationRequest } from '../../harness/soroban-requests.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { authorization, bytesOf, channel, declaring, invocation, secondsFromNow } from '../forge/requests.ts';
import { scAddress } from '../forge/soroban.ts';
import { TOKEN_ASSET } from '../rules.ts';

type Forge = (t: Attacker) => SignTransactionRequest | Promise<SignTransactionRequest>;

const run = (forge: Forge) => async (t: Attacker) => t.sign(await forge(t));
const mismatch = (reason: string) => `TRANSACTION_MISMATCH ${reason}`;
const denied = (...reasons: string[]) => ['POLICY_DENIED', ...reasons].join(' ');

const lumens = assetContract(PASSPHRASE, nativeAsset(stellarChainId(PASSPHRASE)));
const stranger = StrKey.encodeContract(new Uint8Array(32).fill(0x66));

/** An entry with a signature of the attacker's, and an envelope around it. */
const forged =
  (signed: (entry: Uint8Array, t: Attacker) => Uint8Array): Forge =>
  (t) => {
    const id = t.payout();
    const entry = bytesOf(authorizationRequest(t.world, { id }));
    return invocationRequest(t.world, { id }, signed(entry, t), { sequence: t.sequence() });
  };

/** Who authorized what, and for which payout. */
export const SOROBAN_MATCH = attacks<Forge>('authorization', 'C22', run, [
  [
    'auth-nonce-free',
    'a nonce of the attacker’s choice: another one, and the payout is authorized twice',
    'nonce of the payout',
    mismatch('NONCE_NOT_DERIVED'),
    (t) => authorization(t, {}, { nonce: 7n }),
  ],
  [
    'auth-nonce-other',
    'the nonce of another payout: that one can never be paid',
    'nonce of the payout',
    mismatch('NONCE_NOT_DERIVED'),
    (t) => authorization(t, {}, { nonce: authorizationNonce('po_other') }),
  ],
  [
    'auth-two-payouts',
    'one authorization for two payouts',
    'one payout an authorization',
    mismatch('NOT_ONE_PAYOUT'),
    (t) => ({ ...authorization(t), payouts: [...authorization(t).payouts, ...authorization(t).payouts] }),
  ],
  [
    'auth-no-payout',
    'an authorization for no payout',
    'one payout an authorization',
    mismatch('NOT_ONE_PAYOUT'),
    (t) => ({ ...authorization(t), payouts: [] }),
  ],
  [
    'auth-other-contract',
    'a call of the lumens’ contract, declared as USDC',
    'contract of the asset',
    mismatch('CONTRACT_NOT_OF_ASSET'),
    (t) => authorization(t, {}, { contract: lumens }),
  ],
  [
    'auth-evil-contract',
    'a call of the attacker’s contract, declared as USDC',
    'contract of the asset',
    mismatch('CONTRACT_NOT_OF_ASSET'),
    (t) => authorization(t, {}, { contract: stranger }),
  ],
  [
    'auth-other-network',
    'the asset of another network',
    'contract of the asset',
    mismatch('CONTRACT_NOT_OF_ASSET'),
    (t) => declaring(authorization(t), { asset: 'stellar:testnet/slip44:148' }),
  ],
  [
    'auth-match-amount',
    'a larger amount than declared',
    'transfers are exactly the payouts',
    mismatch('PAYOUT_NOT_PAID'),
    (t) => authorization(t, {}, { amount: 41n }),
  ],
  [
    'auth-match-destination',
    'another destination than declared',
    'transfers are exactly the payouts',
    mismatch('PAYOUT_NOT_PAID'),
    (t) => authorization(t, {}, { destination: t.world.recipients.stellar[0] ?? '' }),
  ],
  [
    'auth-cancel',
    'an authorization as a cancel',
    'cancels on EVM alone',
    mismatch('CANCEL_NOT_SUPPORTED'),
    (t) => ({ ...authorization(t), purpose: 2, payouts: [] }),
  ],
  [
    'envelope-forged',
    'an envelope around an entry with a made-up signature: a contract whose account is the treasury may still take it',
    'own authorizations alone',
    mismatch('AUTHORIZATION_NOT_OURS'),
    forged((entry, { world }) => attachAuthorizationSignature(entry, world.keys.stellar.publicKey, new Uint8Array(64))),
  ],
  [
    'envelope-of-stranger',
    'an envelope around an entry that a stranger signed, as the treasury',
    'own authorizations alone',
    mismatch('AUTHORIZATION_NOT_OURS'),
    forged((entry) => {
      const other = Keypair.random();
      return attachAuthorizationSignature(entry, other.rawPublicKey(), other.sign(new Uint8Array(32)));
    }),
  ],
  [
    'envelope-borrowed',
    'the signature of one entry on another',
    'own authorizations alone',
    mismatch('AUTHORIZATION_NOT_OURS'),
    async (t) => {
      const { signature } = await t.prepare(authorization(t));
      const id = t.payout();
      const entry = bytesOf(authorizationRequest(t.world, { id }));
      return invocationRequest(
        t.world,
        { id },
        attachAuthorizationSignature(entry, t.world.keys.stellar.publicKey, signature),
      );
    },
  ],
  [
    'envelope-other-payout',
    'the entry of one payout in an envelope for another',
    'nonce of the payout',
    mismatch('NONCE_NOT_DERIVED'),
    async (t) => {
      const { signedTransaction } = await t.prepare(authorization(t));
      return invocationRequest(t.world, { id: t.payout() }, signedTransaction);
    },
  ],
]);

/** An envelope that declares what the transfer does not need. */
const touching =
  (more: (t: Attacker) => xdr.LedgerKey): Forge =>
  async (t) => {
    const id = t.payout();
    return invocation(t, { id }, { sorobanData: sorobanData(t.world, { id }, { more: [more(t)] }) });
  };
const accountKey = (address: string) => {
  const holder = scAddress(address);
  if (holder.type !== 'scAddressTypeAccount') throw new Error('expected an account');
  return xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: holder.accountId }));
};
const FOOTPRINT = 'a footprint of what the transfer needs';

/** By the rules for contracts. */
export const SOROBAN_POLICY = attacks<Forge>('invocation', 'C18', run, [
  [
    'auth-policy-destination',
    'a contract of the attacker’s as destination',
    'listed destinations',
    denied('DESTINATION_NOT_ALLOWED'),
    (t) => authorization(t, { destination: stranger }),
  ],
  [
    'auth-policy-amount',
    'an amount above the limit',
    'limit of a payout',
    denied('AMOUNT_ABOVE_LIMIT'),
    (t) => authorization(t, { amount: 10_000_000_001n }),
  ],
  [
    'auth-policy-account',
    'an authorization of another account that this key may sign for',
    'the treasury authorizes',
    denied('ACCOUNT_NOT_ALLOWED'),
    (t) => authorization(t, {}, { account: t.world.keys.admin.publicKey() }),
  ],
  [
    'auth-policy-token',
    'a token that policy does not list',
    'listed assets',
    denied('ASSET_NOT_ALLOWED', 'CONTRACT_NOT_ALLOWED'),
    (t) => declaring(authorization(t, {}, { contract: stranger }), { asset: `stellar:standalone/sep41:${stranger}` }),
  ],
  [
    'auth-policy-twin',
    'the contract of lumens declared as a token of its own: a second limit for one asset',
    'listed assets',
    denied('ASSET_NOT_ALLOWED', 'CONTRACT_NOT_ALLOWED'),
    (t) => declaring(authorization(t, {}, { contract: lumens }), { asset: `stellar:standalone/sep41:${lumens}` }),
  ],
  [
    'auth-policy-creation',
    'lumens by their contract to an account, which creates it (CAP-73)',
    'no new accounts by contracts',
    denied('CREATE_ACCOUNT_NOT_ALLOWED'),
    (t) =>
      declaring(authorization(t, { destination: t.world.recipients.stellar[0] ?? '' }, { contract: lumens }), {
        asset: XLM,
      }),
  ],
  [
    'auth-policy-issuer',
    'USDC by its contract to its issuer',
    'no payment to the issuer',
    denied('DESTINATION_IS_ISSUER'),
    (t) => authorization(t, { destination: t.world.keys.issuer.publicKey() }),
  ],
  [
    'envelope-fee',
    'an inclusion fee above the limit',
    'limit of a fee',
    denied('FEE_ABOVE_LIMIT'),
    (t) => invocation(t, {}, { fee: 5_000_001n }),
  ],
  [
    'envelope-resource-fee',
    'a resource fee above the limit',
    'limit of a resource fee',
    denied('RESOURCE_FEE_ABOVE_LIMIT'),
    async (t) => {
      const id = t.payout();
      const data = xdr.SorobanTransactionData.fromXdr(sorobanData(t.world, { id }));
      const dear = new xdr.SorobanTransactionData({ ...data, resourceFee: 5_000_001n }).toXdr();
      return invocation(t, { id }, { sorobanData: dear, fee: 5_500_000n });
    },
  ],
  [
    'envelope-channel',
    'a channel of the attacker’s',
    'listed channels',
    denied('CHANNEL_NOT_ALLOWED'),
    (t) => invocation(t, {}, { channel: Keypair.random().publicKey() }),
  ],
  [
    'envelope-expired',
    'an end that has passed',
    'an end in time',
    denied('TRANSACTION_EXPIRED'),
    (t) => invocation(t, {}, { maxTime: secondsFromNow(-1) }),
  ],
  [
    'envelope-far',
    'an end in a day',
    'an end in time',
    denied('LIFETIME_ABOVE_LIMIT'),
    (t) => invocation(t, {}, { maxTime: secondsFromNow(86_400) }),
  ],
  [
    'footprint-account',
    'another account to write to',
    FOOTPRINT,
    denied('FOOTPRINT_NOT_ALLOWED'),
    touching(({ world }) => accountKey(world.keys.admin.publicKey())),
  ],
  [
    'footprint-channel',
    'the channel to write to',
    FOOTPRINT,
    denied('FOOTPRINT_NOT_ALLOWED'),
    touching((t) => accountKey(channel(t))),
  ],
  [
    'footprint-balance',
    'the balance of another holder',
    FOOTPRINT,
    denied('FOOTPRINT_NOT_ALLOWED'),
    touching(({ world }) => balanceKey(world, stranger)),
  ],
  [
    'footprint-code',
    'code to run',
    FOOTPRINT,
    denied('FOOTPRINT_NOT_ALLOWED'),
    touching(() => xdr.LedgerKey.contractCode(new xdr.LedgerKeyContractCode({ hash: new Uint8Array(32) }))),
  ],
  [
    'footprint-nonce',
    'the nonce of another payout: a second authorization rides along',
    FOOTPRINT,
    denied('FOOTPRINT_NOT_ALLOWED', 'FOOTPRINT_NOT_ALLOWED'),
    async (t) => {
      const id = t.payout();
      return invocation(
        t,
        { id },
        { sorobanData: sorobanData(t.world, { id }, { nonce: authorizationNonce('po_other') }) },
      );
    },
  ],
  [
    'footprint-empty',
    'nothing: it fails on the ledger, and its fee is lost',
    FOOTPRINT,
    denied('FOOTPRINT_NOT_ALLOWED'),
    async (t) => {
      const id = t.payout();
      const data = xdr.SorobanTransactionData.fromXdr(sorobanData(t.world, { id }));
      const { resources } = data;
      const empty = new xdr.LedgerFootprint({ readOnly: [], readWrite: [] });
      const bare = new xdr.SorobanTransactionData({
        ...data,
        resources: new xdr.SorobanResources({ ...resources, footprint: empty }),
      });
      return invocation(t, { id }, { sorobanData: bare.toXdr() });
    },
  ],
  [
    'footprint-other-code',
    'a token whose code is not the pinned one',
    'code as pinned',
    denied('FOOTPRINT_NOT_ALLOWED', 'FOOTPRINT_NOT_ALLOWED'),
    (t) => tokenEnvelope(t, '66'.repeat(32)),
  ],
  [
    'footprint-no-code',
    'a token without its code, which was changed into something else',
    'code as pinned',
    denied('FOOTPRINT_NOT_ALLOWED'),
    (t) => tokenEnvelope(t),
  ],
]);

/** An envelope around a transfer of the listed token, with this code in its footprint. */
async function tokenEnvelope(t: Attacker, code?: string): Promise<SignTransactionRequest> {
  const id = t.payout();
  const { id: asset } = parseAssetId(TOKEN_ASSET);
  const contract = assetContract(PASSPHRASE, asset);
  const terms = declaring(authorizationRequest(t.world, { id }, { contract }), { asset });
  const { signedTransaction } = await t.prepare(terms);
  const address = scAddress(contract);
  const { persistent, temporary } = xdr.ContractDataDurability;
  const nonce = xdr.ScVal.scvLedgerKeyNonce(new xdr.ScNonceKey({ nonce: authorizationNonce(id) }));
  const payer = scAddress(t.world.keys.stellar.address);
  const data = (holder: xdr.ScAddress, key: xdr.ScVal, durability: xdr.ContractDataDurability) =>
    xdr.LedgerKey.contractData(new xdr.LedgerKeyContractData({ contract: holder, key, durability }));
  const footprint = new xdr.LedgerFootprint({
    readOnly: [
      data(address, xdr.ScVal.scvLedgerKeyContractInstance(), persistent),
      ...(code === undefined
        ? []
        : [xdr.LedgerKey.contractCode(new xdr.LedgerKeyContractCode({ hash: Buffer.from(code, 'hex') }))]),
    ],
    readWrite: [data(payer, nonce, temporary)],
  });
  const whole = xdr.SorobanTransactionData.fromXdr(sorobanData(t.world, { id }));
  const resources = new xdr.SorobanResources({ ...whole.resources, footprint });
  const change = {
    sequence: t.sequence(),
    sorobanData: new xdr.SorobanTransactionData({ ...whole, resources }).toXdr(),
  };
  return declaring(invocationRequest(t.world, { id }, signedTransaction, change), { asset });
}
