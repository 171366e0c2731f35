import { Operation, StrKey, xdr } from '@stellar/stellar-sdk/base';
import { attacks } from '../attack.ts';
import {
  authorizedBy,
  called,
  calling,
  contractData,
  type Forge,
  hosting,
  reading,
  resources,
  run,
  signature,
  vec,
} from '../forge/invocations.ts';
import {
  addressValue,
  callOf,
  int128,
  invocationOf,
  recalled,
  scAddress,
  withCall,
  withEntry,
} from '../forge/soroban.ts';
import { account, bump, muxed } from '../forge/stellar.ts';

const { persistent, temporary } = xdr.ContractDataDurability;
const stranger = StrKey.encodeContract(new Uint8Array(32).fill(0x66));
const refused = (code: string) => `TRANSACTION_MALFORMED ${code}`;
const ONE = 'one invocation, alone';
const DIFFERS = refused('INVOCATION_DIFFERS');
const CALL = 'the call is what is authorized';
const COUNT = 'one authorization';
const SIGNED = 'one signature of its shape';
const SHAPE = refused('UNSUPPORTED_SIGNATURE');
const KEYS = 'known keys of a footprint';
const KEY = refused('UNSUPPORTED_FOOTPRINT_KEY');
const none = xdr.TransactionExt.v0();

/** Envelopes around the treasury's authorization that do something else. */
export const INVOCATION_ENCODING = attacks<Forge>('invocation', 'C10', run, [
  [
    'invocation-twice',
    'the invocation twice',
    ONE,
    refused('SOROBAN_DATA'),
    ({ operation }) => ({ operations: [operation, operation] }),
  ],
  [
    'invocation-after-payment',
    'a payment before the invocation',
    ONE,
    refused('UNSUPPORTED_OPERATION'),
    ({ operation }) => ({ operations: [bump(1n), operation], ext: none }),
  ],
  [
    'invocation-no-resources',
    'no resources',
    'resources are declared',
    refused('SOROBAN_DATA_MISSING'),
    () => ({ ext: none }),
  ],
  [
    'invocation-source',
    'the treasury as source of the operation: its own signature would authorize',
    'no source of the operation',
    refused('OPERATION_SOURCE_NOT_SUPPORTED'),
    ({ operation: { body } }, { world }) => ({
      operations: [new xdr.Operation({ body, sourceAccount: account(world.keys.stellar.publicKey) })],
    }),
  ],
  [
    'invocation-memo',
    'a memo, which no contract sees',
    'no memo on an invocation',
    refused('MEMO_NOT_SUPPORTED'),
    () => ({ memo: xdr.Memo.memoId(7n) }),
  ],
  [
    'invocation-muxed',
    'the channel under a number',
    'plain sources',
    refused('MUXED_SOURCE'),
    (_, { world }) => ({ sourceAccount: muxed(world.keys.channels[0]?.rawPublicKey() ?? new Uint8Array()) }),
  ],
  [
    'invocation-no-times',
    'no time bounds',
    'time bounds alone',
    refused('TIME_BOUNDS_MISSING'),
    () => ({ cond: xdr.Preconditions.precondNone() }),
  ],
  [
    'invocation-upload',
    'an upload of code',
    'the call of a contract',
    refused('UNSUPPORTED_HOST_FUNCTION'),
    ({ entry }) => hosting(xdr.HostFunction.hostFunctionTypeUploadContractWasm(new Uint8Array(8)), [entry]),
  ],
  [
    'invocation-create',
    'the creation of a contract',
    'the call of a contract',
    refused('UNSUPPORTED_HOST_FUNCTION'),
    ({ entry }, { world }) => ({
      operations: [
        Operation.createCustomContract({
          address: { toScAddress: () => scAddress(world.keys.admin.publicKey()) } as never,
          wasmHash: new Uint8Array(32),
          auth: [entry],
        }),
      ],
    }),
  ],
  [
    'invocation-contract',
    'a call of the attacker’s contract, around a genuine authorization',
    CALL,
    DIFFERS,
    called(() => ({ contractAddress: scAddress(stranger) })),
  ],
  [
    'invocation-function',
    'a burn, around the authorization of a transfer',
    CALL,
    DIFFERS,
    called(() => ({ functionName: 'burn' })),
  ],
  [
    'invocation-amount',
    'a larger amount than is authorized',
    CALL,
    DIFFERS,
    called(({ args }) => ({ args: args.with(2, int128(0n, 41n)) })),
  ],
  [
    'invocation-destination',
    'another destination than is authorized',
    CALL,
    DIFFERS,
    called(({ args }) => ({ args: args.with(1, addressValue(stranger)) })),
  ],
  [
    'invocation-argument',
    'an argument more than is authorized',
    CALL,
    DIFFERS,
    called(({ args }) => ({ args: [...args, xdr.ScVal.scvVoid()] })),
  ],
  [
    'invocation-under',
    'a contract of the attacker’s that calls the token underneath',
    'nothing under the transfer',
    refused('SUB_INVOCATIONS'),
    ({ host, entry }) => {
      const evil = recalled(host, { contractAddress: scAddress(stranger) });
      return calling(evil, withEntry(entry, { rootInvocation: invocationOf(evil, [entry.rootInvocation]) }));
    },
  ],
  [
    'invocation-approve',
    'an approval, called and authorized alike',
    'transfer alone',
    refused('UNSUPPORTED_INVOCATION'),
    ({ host, entry }) =>
      calling(recalled(host, { functionName: 'approve' }), withCall(entry, { functionName: 'approve' })),
  ],
  ['invocation-no-authorization', 'no authorization', COUNT, refused('AUTHORIZATION_COUNT'), authorizedBy(() => [])],
  [
    'invocation-authorization-twice',
    'the authorization twice',
    COUNT,
    refused('AUTHORIZATION_COUNT'),
    authorizedBy((entry) => [entry, entry]),
  ],
  [
    'invocation-authorization-source',
    'a second authorization: the channel’s, by its signature on the envelope',
    COUNT,
    refused('AUTHORIZATION_COUNT'),
    authorizedBy((entry) => [
      entry,
      withEntry(entry, {
        credentials: xdr.SorobanCredentials.sorobanCredentialsSourceAccount(),
        rootInvocation: invocationOf(recalled(callOf(entry), { functionName: 'approve' })),
      }),
    ]),
  ],
  [
    'invocation-credentials-source',
    'credentials of the source account',
    'credentials of an address',
    refused('UNSUPPORTED_CREDENTIALS'),
    authorizedBy((entry) => [
      withEntry(entry, { credentials: xdr.SorobanCredentials.sorobanCredentialsSourceAccount() }),
    ]),
  ],
  [
    'invocation-unsigned',
    'an authorization that nobody signed',
    SIGNED,
    refused('NOT_SIGNED'),
    signature(() => xdr.ScVal.scvVoid()),
  ],
  [
    'invocation-bare-signature',
    'a bare signature',
    SIGNED,
    SHAPE,
    signature(() => xdr.ScVal.scvBytes(new Uint8Array(64))),
  ],
  [
    'invocation-two-signatures',
    'two signatures',
    SIGNED,
    SHAPE,
    signature((map) => vec(xdr.ScVal.scvMap(map), xdr.ScVal.scvMap(map))),
  ],
  ['invocation-no-signatures', 'an empty list of signatures', SIGNED, SHAPE, signature(() => vec())],
  [
    'invocation-third-entry',
    'a third entry beside key and signature',
    SIGNED,
    SHAPE,
    signature((map) =>
      vec(xdr.ScVal.scvMap([...map, new xdr.ScMapEntry({ key: xdr.ScVal.scvSymbol('z'), val: xdr.ScVal.scvVoid() })])),
    ),
  ],
  [
    'invocation-reversed',
    'key and signature in another order',
    SIGNED,
    SHAPE,
    signature((map) => vec(xdr.ScVal.scvMap(map.toReversed()))),
  ],
  [
    'invocation-string-key',
    'text for the symbol of a key',
    SIGNED,
    SHAPE,
    signature(([key, ...rest]) =>
      vec(
        xdr.ScVal.scvMap([
          new xdr.ScMapEntry({ key: xdr.ScVal.scvString('public_key'), val: key?.val ?? xdr.ScVal.scvVoid() }),
          ...rest,
        ]),
      ),
    ),
  ],
  [
    'invocation-archived',
    'archived entries to restore, at the channel’s cost',
    'no archived entries',
    refused('ENTRY_ARCHIVED_IN_FOOTPRINT'),
    resources(() => ({
      ext: xdr.SorobanTransactionDataExt.resourceExt(new xdr.SorobanResourcesExtV0({ archivedSorobanEntries: [1] })),
    })),
  ],
  [
    'invocation-negative-fee',
    'a negative resource fee: the rest of the fee looks larger, the sum smaller',
    'resource fee within the fee',
    refused('INVALID_FEE'),
    resources(() => ({ resourceFee: -1n })),
  ],
  [
    'invocation-fee-above',
    'a resource fee above the whole fee',
    'resource fee within the fee',
    refused('INVALID_FEE'),
    resources(() => ({ resourceFee: 4_500_001n })),
  ],
  [
    'invocation-key-twice',
    'a key of the footprint in both sets',
    'a footprint names a key once',
    refused('DUPLICATE_FOOTPRINT_KEY'),
    reading(
      ({ resources: { footprint } }) =>
        footprint.readWrite[0] ??
        footprint.readOnly[0] ??
        contractData(scAddress(stranger), xdr.ScVal.scvVoid(), persistent),
    ),
  ],
  [
    'invocation-key-ttl',
    'the life of an entry in the footprint',
    KEYS,
    KEY,
    reading(() => xdr.LedgerKey.ttl(new xdr.LedgerKeyTtl({ keyHash: new Uint8Array(32) }))),
  ],
  [
    'invocation-key-offer',
    'an offer in the footprint',
    KEYS,
    KEY,
    reading(({ resources: { footprint } }) => {
      const holder = footprint.readOnly.find((key) => key.type === 'account');
      if (holder?.type !== 'account') throw new Error('not as built');
      return xdr.LedgerKey.offer(new xdr.LedgerKeyOffer({ sellerId: holder.account.accountId, offerId: 1n }));
    }),
  ],
  [
    'invocation-key-setting',
    'a setting of the network in the footprint',
    KEYS,
    KEY,
    reading(() =>
      xdr.LedgerKey.configSetting(
        new xdr.LedgerKeyConfigSetting({ configSettingId: xdr.ConfigSettingId.configSettingContractMaxSizeBytes }),
      ),
    ),
  ],
  [
    'invocation-key-nonce',
    'a nonce that is kept for ever',
    KEYS,
    KEY,
    reading((_, { world }) =>
      contractData(
        scAddress(world.keys.stellar.address),
        xdr.ScVal.scvLedgerKeyNonce(new xdr.ScNonceKey({ nonce: 1n })),
        persistent,
      ),
    ),
  ],
  [
    'invocation-key-instance',
    'a contract’s instance that does not last',
    KEYS,
    KEY,
    reading(() => contractData(scAddress(stranger), xdr.ScVal.scvLedgerKeyContractInstance(), temporary)),
  ],
]);
