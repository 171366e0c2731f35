import { StrKey, xdr } from '@stellar/stellar-sdk/base';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { authorization, bytesOf, carrying } from '../forge/requests.ts';
import {
  addressValue,
  callOf,
  credentialsOf,
  entryIn,
  int128,
  invocationOf,
  recalled,
  scAddress,
  withArgument,
  withCall,
  withCredentials,
  withEntry,
} from '../forge/soroban.ts';
import { hex, patched } from '../forge/stellar.ts';

type Entry = xdr.SorobanAuthorizationEntry;
type Forge = (entry: Entry, t: Attacker) => Entry | Uint8Array | Promise<Uint8Array>;

const run = (forge: Forge) => async (t: Attacker) => {
  const request = authorization(t);
  const forged = await forge(entryIn(bytesOf(request)), t);
  return t.sign(carrying(request, forged instanceof Uint8Array ? forged : forged.toXdr()));
};

const refused = (code: string) => `TRANSACTION_MALFORMED ${code}`;
const MALFORMED = refused('MALFORMED_TRANSACTION');
const CALL = refused('UNSUPPORTED_INVOCATION');
const TRANSFER = 'transfer alone';
const ARGUMENTS = 'arguments of their types';
const ADDRESSES = 'accounts and contracts alone';
const CREDENTIALS = 'credentials of an address';

const named = (functionName: string | Uint8Array) => (entry: Entry) => withCall(entry, { functionName });
const amount = (value: xdr.ScVal) => (entry: Entry) => withArgument(entry, 2, value);
const contract = StrKey.encodeContract(new Uint8Array(32).fill(9));
const muxedValue = (t: Attacker) =>
  xdr.ScVal.scvAddress(
    xdr.ScAddress.scAddressTypeMuxedAccount(
      new xdr.MuxedEd25519Account({ id: 1n, ed25519: t.world.keys.stellar.publicKey }),
    ),
  );
const created = xdr.SorobanAuthorizedFunction.sorobanAuthorizedFunctionTypeCreateContractHostFn(
  new xdr.CreateContractArgs({
    contractIdPreimage: xdr.ContractIdPreimage.contractIdPreimageFromAddress(
      new xdr.ContractIdPreimageFromAddress({ address: scAddress(contract), salt: new Uint8Array(32) }),
    ),
    executable: xdr.ContractExecutable.contractExecutableStellarAsset(),
  }),
);

const signedBefore: Forge = async (_, t) => {
  const { signedTransaction } = await t.prepare(authorization(t));
  return signedTransaction;
};

/** Entries that allow something else than one transfer, or say it in another way. */
export const AUTHORIZATION_ENCODING = attacks<Forge>('authorization', 'C10', run, [
  ['auth-nothing', 'no bytes at all', 'strict XDR of an entry', MALFORMED, () => new Uint8Array()],
  [
    'auth-trailing',
    'a byte after the end',
    'strict XDR of an entry',
    MALFORMED,
    (entry) => Uint8Array.of(...entry.toXdr(), 0),
  ],
  [
    'auth-second',
    'a second entry after the first',
    'strict XDR of an entry',
    MALFORMED,
    (entry) => Uint8Array.of(...entry.toXdr(), ...entry.toXdr()),
  ],
  [
    'auth-list',
    'a list of one entry',
    'strict XDR of an entry',
    MALFORMED,
    (entry) => Uint8Array.of(0, 0, 0, 1, ...entry.toXdr()),
  ],
  [
    'auth-large',
    'more than 4 KiB',
    'size of a transaction',
    refused('TRANSACTION_TOO_LARGE'),
    () => new Uint8Array(4_097),
  ],
  [
    'auth-signed-before',
    'an entry that this signer has signed',
    'no signature in an entry',
    refused('ALREADY_SIGNED'),
    signedBefore,
  ],
  [
    'auth-empty-signatures',
    'an empty list of signatures',
    'no signature in an entry',
    refused('ALREADY_SIGNED'),
    (entry) => withCredentials(entry, { signature: xdr.ScVal.scvVec([]) }),
  ],
  [
    'auth-source-account',
    'credentials of the source account: whatever signs the envelope, allows it',
    CREDENTIALS,
    refused('UNSUPPORTED_CREDENTIALS'),
    (entry) => withEntry(entry, { credentials: xdr.SorobanCredentials.sorobanCredentialsSourceAccount() }),
  ],
  [
    'auth-credentials-v2',
    'credentials whose signature covers something else (CAP-71)',
    CREDENTIALS,
    refused('UNSUPPORTED_CREDENTIALS'),
    (entry) =>
      withEntry(entry, { credentials: xdr.SorobanCredentials.sorobanCredentialsAddressV2(credentialsOf(entry)) }),
  ],
  [
    'auth-contract',
    'a contract that authorizes',
    ADDRESSES,
    refused('INVALID_ADDRESS'),
    (entry) => withCredentials(entry, { address: scAddress(contract) }),
  ],
  [
    'auth-ledger-0',
    'no end: ledger 0',
    'an end at a ledger',
    refused('INVALID_LEDGER'),
    (entry) => withCredentials(entry, { signatureExpirationLedger: 0 }),
  ],
  [
    'auth-under',
    'a call under the transfer: an approval for the attacker',
    'nothing under the transfer',
    refused('SUB_INVOCATIONS'),
    (entry) =>
      withEntry(entry, {
        rootInvocation: invocationOf(callOf(entry), [
          invocationOf(recalled(callOf(entry), { functionName: 'approve' })),
        ]),
      }),
  ],
  [
    'auth-create',
    'the creation of a contract',
    TRANSFER,
    CALL,
    (entry) =>
      withEntry(entry, {
        rootInvocation: new xdr.SorobanAuthorizedInvocation({ function: created, subInvocations: [] }),
      }),
  ],
  ['auth-approve', 'an approval', TRANSFER, CALL, named('approve')],
  ['auth-transfer-from', 'a transfer by an allowance', TRANSFER, CALL, named('transfer_from')],
  ['auth-burn', 'a burn', TRANSFER, CALL, named('burn')],
  ['auth-mint', 'a mint', TRANSFER, CALL, named('mint')],
  ['auth-clawback', 'a clawback', TRANSFER, CALL, named('clawback')],
  ['auth-set-admin', 'another administrator of the token', TRANSFER, CALL, named('set_admin')],
  ['auth-check-auth', 'the function that contracts are asked for signatures by', TRANSFER, CALL, named('__check_auth')],
  ['auth-capital', 'the function `Transfer`', TRANSFER, CALL, named('Transfer')],
  ['auth-prefix', 'the function `transfer2`', TRANSFER, CALL, named('transfer2')],
  [
    'auth-nul',
    'a NUL at the end of the function’s name',
    TRANSFER,
    CALL,
    (entry) => patched(entry.toXdr(), `00000008${hex('transfer')}`, `00000009${hex('transfer')}00000000`),
  ],
  [
    'auth-two-arguments',
    'two arguments',
    ARGUMENTS,
    CALL,
    (entry) => withCall(entry, { args: callOf(entry).args.slice(0, 2) }),
  ],
  [
    'auth-four-arguments',
    'a fourth argument, for a token that reads it',
    ARGUMENTS,
    CALL,
    (entry) => withCall(entry, { args: [...callOf(entry).args, xdr.ScVal.scvVoid()] }),
  ],
  [
    'auth-money-of-another',
    'the money of another account',
    'the account pays',
    refused('ACCOUNT_DIFFERS'),
    (entry, { world }) => withArgument(entry, 0, addressValue(world.keys.admin.publicKey())),
  ],
  [
    'auth-swapped',
    'from and to the other way round',
    ADDRESSES,
    refused('INVALID_ADDRESS'),
    (entry) =>
      withCall(entry, { args: callOf(entry).args.toSpliced(0, 2, ...callOf(entry).args.slice(0, 2).toReversed()) }),
  ],
  [
    'auth-payer-muxed',
    'the treasury under a number as payer',
    ADDRESSES,
    refused('INVALID_ADDRESS'),
    (entry, t) => withArgument(entry, 0, muxedValue(t)),
  ],
  [
    'auth-payer-text',
    'the payer as text',
    ARGUMENTS,
    CALL,
    (entry, { world }) => withArgument(entry, 0, xdr.ScVal.scvString(world.keys.stellar.address)),
  ],
  [
    'auth-destination-muxed',
    'a destination under a number, which SEP-41 ignores',
    ADDRESSES,
    refused('INVALID_ADDRESS'),
    (entry, t) => withArgument(entry, 1, muxedValue(t)),
  ],
  [
    'auth-destination-pool',
    'a liquidity pool as destination',
    ADDRESSES,
    refused('INVALID_ADDRESS'),
    (entry) => withArgument(entry, 1, addressValue(StrKey.encodeLiquidityPool(new Uint8Array(32)))),
  ],
  [
    'auth-destination-balance',
    'a claimable balance as destination',
    ADDRESSES,
    refused('INVALID_ADDRESS'),
    (entry) => withArgument(entry, 1, addressValue(StrKey.encodeClaimableBalance(new Uint8Array(33)))),
  ],
  [
    'auth-destination-token',
    'the token’s own contract as destination',
    'no token to its own contract',
    refused('DESTINATION_IS_TOKEN'),
    (entry) => withArgument(entry, 1, xdr.ScVal.scvAddress(callOf(entry).contractAddress)),
  ],
  [
    'auth-call-account',
    'an account that is called',
    ADDRESSES,
    refused('INVALID_ADDRESS'),
    (entry, { world }) => withCall(entry, { contractAddress: scAddress(world.keys.admin.publicKey()) }),
  ],
  [
    'auth-u128',
    'an amount of another type',
    ARGUMENTS,
    CALL,
    amount(xdr.ScVal.scvU128(new xdr.Uint128Parts({ hi: 0n, lo: 40n }))),
  ],
  [
    'auth-i256',
    'an amount of 256 bits',
    ARGUMENTS,
    CALL,
    amount(xdr.ScVal.scvI256(new xdr.Int256Parts({ hiHi: 0n, hiLo: 0n, loHi: 0n, loLo: 40n }))),
  ],
  ['auth-text-amount', 'an amount as text', ARGUMENTS, CALL, amount(xdr.ScVal.scvString('40'))],
  ['auth-amount-0', 'an amount of 0', 'positive amounts of a token', refused('INVALID_AMOUNT'), amount(int128(0n, 0n))],
  [
    'auth-amount-negative',
    'a negative amount whose lower half is 40',
    'positive amounts of a token',
    refused('INVALID_AMOUNT'),
    amount(int128(-1n, 40n)),
  ],
  [
    'auth-amount-least',
    'the least i128',
    'positive amounts of a token',
    refused('INVALID_AMOUNT'),
    amount(int128(-(2n ** 63n), 0n)),
  ],
  [
    'auth-nested',
    'values nested 300 deep where the amount belongs',
    ARGUMENTS,
    CALL,
    (entry) => {
      const value = hex(int128(0n, 40n).toXdr());
      return patched(entry.toXdr(), value, `${'000000100000000100000001'.repeat(300)}00000001`);
    },
  ],
]);
