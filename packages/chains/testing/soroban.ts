import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { stellarChainId } from '../src/caip.ts';
import { attachAuthorizationSignature } from '../src/stellar/attach.ts';
import { type AuthorizationInput, buildAuthorization, type InvocationInput } from '../src/stellar/build.ts';
import {
  decodeStellarTransaction,
  type FootprintKey,
  type SignedAuthorization,
  type SorobanResources,
  type StellarAuthorization,
  type StellarInvocation,
  type TokenTransfer,
} from '../src/stellar/decode.ts';
import {
  account,
  assetJson,
  contract,
  contractAddress,
  MAX_INT64,
  plainAddress,
  publicKey,
  rustDecode,
  rustEncode,
  STANDALONE,
} from './stellar.ts';

export const MAX_INT128 = 2n ** 127n - 1n;

export const KEY = new Uint8Array(32).fill(2);
export const SIGNATURE = new Uint8Array(64).fill(7);

export function authorizationOf(changes: Partial<AuthorizationInput> = {}): AuthorizationInput {
  return {
    networkPassphrase: STANDALONE,
    account: account(2),
    contract: contract(9),
    destination: account(3),
    amount: 125_000_000n,
    nonce: -5n,
    expirationLedger: 7_777,
    ...changes,
  };
}

export function signedEntry(changes: Partial<AuthorizationInput> = {}): Uint8Array {
  return attachAuthorizationSignature(buildAuthorization(authorizationOf(changes)).entry, KEY, SIGNATURE);
}

/** What a simulation declares for a transfer of an issued asset. */
export const resources: SorobanResources = {
  resourceFee: 60_000n,
  instructions: 1_000_000,
  diskReadBytes: 500,
  writeBytes: 400,
  readOnly: [
    { type: 'contractInstance', contract: contract(9) },
    { type: 'account', account: account(2) },
    { type: 'contractCode', hash: '04'.repeat(32) },
  ],
  readWrite: [
    { type: 'nonce', account: account(2), nonce: -5n },
    { type: 'trustline', account: account(2), asset: `stellar:standalone/asset:USD-${account(8)}` as never },
    { type: 'contractData', contract: contract(9), durability: 'temporary', key: '0000000300000004' },
    { type: 'contractData', contract: contract(9), durability: 'persistent', key: '0000000300000004' },
  ],
};

export function invocationOf(changes: Partial<InvocationInput> = {}): InvocationInput {
  return {
    networkPassphrase: STANDALONE,
    channel: account(1),
    sequence: 5_000_000n,
    maxTime: 1_800_000_000n,
    authorization: signedEntry(),
    sorobanData: sorobanData(resources),
    fee: 60_100n,
    ...changes,
  };
}

export function sorobanData(declared: SorobanResources): Uint8Array {
  return rustEncode(sorobanDataJson(declared), 'SorobanTransactionData');
}

export const anyAuthorization: fc.Arbitrary<AuthorizationInput> = fc
  .record(
    {
      networkPassphrase: fc.oneof(fc.constant(STANDALONE), fc.string({ minLength: 1, unit: 'grapheme' })),
      account: plainAddress,
      contract: contractAddress,
      destination: fc.oneof(plainAddress, contractAddress),
      amount: fc.oneof(
        fc.bigInt({ min: 1n, max: MAX_INT128 }),
        fc.constantFrom(1n, MAX_INT64, MAX_INT64 + 1n, 2n ** 64n - 1n, 2n ** 64n, MAX_INT128),
      ),
      nonce: fc.oneof(
        fc.bigInt({ min: -MAX_INT64 - 1n, max: MAX_INT64 }),
        fc.constantFrom(0n, -1n, -MAX_INT64 - 1n, MAX_INT64),
      ),
      expirationLedger: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    },
    { noNullPrototype: true },
  )
  .filter(({ contract, destination }) => contract !== destination);

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const hex32 = publicKey.map((bytes) => Buffer.from(bytes).toString('hex'));
const footprintKey: fc.Arbitrary<FootprintKey> = fc.oneof(
  fc.record({ type: fc.constant('account' as const), account: plainAddress }),
  fc.record({ type: fc.constant('contractInstance' as const), contract: contractAddress }),
  fc.record({ type: fc.constant('contractCode' as const), hash: hex32 }),
  fc.record({
    type: fc.constant('nonce' as const),
    account: plainAddress,
    nonce: fc.bigInt({ min: -MAX_INT64 - 1n, max: MAX_INT64 }),
  }),
  fc.record({
    type: fc.constant('contractData' as const),
    contract: contractAddress,
    durability: fc.constantFrom('temporary' as const, 'persistent' as const),
    key: uint32.map((value) => `00000003${value.toString(16).padStart(8, '0')}`),
  }),
);
const footprint = fc.uniqueArray(footprintKey, { maxLength: 12, selector: (key) => JSON.stringify(keyJson(key)) });
export const anyResources: fc.Arbitrary<SorobanResources> = fc
  .record({
    resourceFee: fc.bigInt({ min: 0n, max: 60_000n }),
    instructions: uint32,
    diskReadBytes: uint32,
    writeBytes: uint32,
    keys: footprint,
    half: fc.nat(12),
  })
  .map(({ keys, half, ...rest }) => ({ ...rest, readOnly: keys.slice(0, half), readWrite: keys.slice(half) }));

/** What a decoder must say of the entry that is built from this input. */
export function entryOf(input: AuthorizationInput, hash: Uint8Array): StellarAuthorization {
  const { networkPassphrase, account, nonce, expirationLedger, ...transfer } = input;
  return {
    kind: 'stellar-authorization',
    chain: stellarChainId(networkPassphrase),
    hash,
    account,
    nonce,
    expirationLedger: BigInt(expirationLedger),
    transfer,
  };
}

/** An envelope of an invocation, decoded. */
/** An envelope around an authorization, signed so; nothing else of it matters. */
export function invocationAround(
  { kind, chain, ...authorized }: StellarAuthorization,
  signed: Pick<SignedAuthorization, 'publicKey' | 'signature'>,
): StellarInvocation {
  return {
    kind: 'stellar-invocation',
    chain,
    hash: new Uint8Array(32),
    source: 'CHANNEL',
    sequence: 7n,
    fee: 100n,
    minTime: 0n,
    maxTime: 1n,
    authorization: { ...authorized, ...signed },
    resources,
  };
}

export function decodeInvocation(networkPassphrase: string, envelope: Uint8Array): StellarInvocation {
  const transaction = decodeStellarTransaction(networkPassphrase, envelope);
  if (transaction.kind !== 'stellar-invocation') throw new Error(`no invocation: ${transaction.kind}`);
  return transaction;
}

/** The Rust library's JSON (SEP-51) of an entry, from our decoder's answer alone; unsigned, or with its one signature. */
export function entryJson(
  { account, nonce, expirationLedger, transfer }: Omit<StellarAuthorization, 'kind' | 'chain'>,
  signed?: { publicKey: Uint8Array; signature: Uint8Array },
): unknown {
  return {
    credentials: {
      address: {
        address: account,
        nonce: `${nonce}`,
        signature_expiration_ledger: Number(expirationLedger),
        signature: signed === undefined ? 'void' : signatureJson(signed),
      },
    },
    root_invocation: { function: { contract_fn: callJson(account, transfer) }, sub_invocations: [] },
  };
}

/** The Rust library's JSON for what our decoder says of an invocation, built from its answer alone. */
export function invocationJson(invocation: StellarInvocation): unknown {
  const { authorization } = invocation;
  const host_function = { invoke_contract: callJson(authorization.account, authorization.transfer) };
  const auth = [entryJson(authorization, authorization)];
  return {
    tx: {
      tx: {
        source_account: invocation.source,
        fee: Number(invocation.fee),
        seq_num: `${invocation.sequence}`,
        cond: { time: { min_time: `${invocation.minTime}`, max_time: `${invocation.maxTime}` } },
        memo: 'none',
        operations: [{ source_account: null, body: { invoke_host_function: { host_function, auth } } }],
        ext: { v1: sorobanDataJson(invocation.resources) },
      },
      signatures: [],
    },
  };
}

/** SHA-256 over the preimage that the Rust library writes. */
export function preimageHash(networkPassphrase: string, authorization: StellarAuthorization): Uint8Array {
  const { root_invocation: invocation } = Object(entryJson(authorization));
  const preimage = {
    soroban_authorization: {
      network_id: createHash('sha256').update(networkPassphrase).digest('hex'),
      nonce: `${authorization.nonce}`,
      signature_expiration_ledger: Number(authorization.expirationLedger),
      invocation,
    },
  };
  return new Uint8Array(createHash('sha256').update(rustEncode(preimage, 'HashIdPreimage')).digest());
}

function callJson(from: string, { contract, destination, amount }: TokenTransfer): unknown {
  return {
    contract_address: contract,
    function_name: 'transfer',
    args: [{ address: from }, { address: destination }, { i128: `${amount}` }],
  };
}

export function signatureJson({ publicKey, signature }: { publicKey: Uint8Array; signature: Uint8Array }): unknown {
  const bytes = (value: Uint8Array) => ({ bytes: Buffer.from(value).toString('hex') });
  return {
    vec: [
      {
        map: [
          { key: { symbol: 'public_key' }, val: bytes(publicKey) },
          { key: { symbol: 'signature' }, val: bytes(signature) },
        ],
      },
    ],
  };
}

function sorobanDataJson(declared: SorobanResources): unknown {
  return {
    ext: 'v0',
    resources: {
      footprint: { read_only: declared.readOnly.map(keyJson), read_write: declared.readWrite.map(keyJson) },
      instructions: declared.instructions,
      disk_read_bytes: declared.diskReadBytes,
      write_bytes: declared.writeBytes,
    },
    resource_fee: `${declared.resourceFee}`,
  };
}

function keyJson(key: FootprintKey): unknown {
  switch (key.type) {
    case 'account':
      return { account: { account_id: key.account } };
    case 'trustline':
      return { trustline: { account_id: key.account, asset: assetJson(key.asset) } };
    case 'contractCode':
      return { contract_code: { hash: key.hash } };
    case 'contractInstance':
      return dataJson(key.contract, 'ledger_key_contract_instance', 'persistent');
    case 'nonce':
      return dataJson(key.account, { ledger_key_nonce: { nonce: `${key.nonce}` } }, 'temporary');
    case 'contractData':
      return dataJson(key.contract, rustDecode(Buffer.from(key.key, 'hex'), 'ScVal'), key.durability);
  }
}

function dataJson(contract: string, key: unknown, durability: string): unknown {
  return { contract_data: { contract, key, durability } };
}
