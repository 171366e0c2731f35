import { change, type Switch, unthrown } from '../switch.ts';

const STELLAR = 'packages/chains/src/stellar';
const EVM = 'packages/chains/src/evm';
const SIGNING = 'services/signer/src/signing';

const NOT_CANONICAL = 'TRANSACTION_MALFORMED NOT_CANONICAL';
/** What is decoded is no longer encoded again and compared: the guard behind every check of a spelling. */
const reencoding = {
  stellar: change(`${STELLAR}/envelope.ts`, 'if (!sameBytes(envelopeBytes(v1), bytes)) {', 'if (v1 === undefined) {'),
  evm: change(`${EVM}/decode.ts`, 'if (!sameBytes(encoded, bytes)) {', 'if (encoded === bytes) {'),
};

/** Stage 2. */
export const DECODE: readonly Switch[] = [
  {
    guard: 'strict XDR',
    attack: 'stellar-trailing-byte',
    patches: [
      change(`${STELLAR}/envelope.ts`, 'fromXdr(bytes.subarray(4))', 'fromXdr(bytes.subarray(4, bytes.length & ~3))'),
      reencoding.stellar,
    ],
    alone: [NOT_CANONICAL, 'TRANSACTION_MALFORMED MALFORMED_TRANSACTION'],
  },
  {
    guard: 'one envelope type',
    attack: 'stellar-preimage',
    patches: [
      change(`${STELLAR}/envelope.ts`, 'if (type === ENVELOPE_TYPE_TX) return;', 'if (type > 0) return;'),
      reencoding.stellar,
    ],
    alone: [NOT_CANONICAL, 'TRANSACTION_MALFORMED UNKNOWN_ENVELOPE_TYPE'],
  },
  {
    guard: 'no foreign signatures',
    attack: 'stellar-signed-by-attacker',
    patches: [change(`${STELLAR}/envelope.ts`, 'v1.signatures.length > 0', 'v1.signatures.length > 20')],
  },
  {
    guard: 'no extension',
    attack: 'stellar-soroban-data',
    patches: [unthrown(`${STELLAR}/decode.ts`, "new TransactionError('SOROBAN_DATA',")],
  },
  {
    guard: 'time bounds alone',
    attack: 'stellar-v2-min-sequence',
    patches: [
      change(
        `${STELLAR}/decode.ts`,
        "throw new TransactionError('UNSUPPORTED_PRECONDITIONS', 'preconditions', 'expected time bounds alone, got V2');",
        'return { minTime: 0n, maxTime: preconditions.v2.timeBounds?.maxTime ?? 0n };',
      ),
    ],
  },
  {
    guard: 'plain sources',
    attack: 'stellar-muxed-source',
    patches: [
      unthrown(`${STELLAR}/account.ts`, "new TransactionError('MUXED_SOURCE',"),
      change(
        'packages/policy/src/decide-stellar.ts',
        "yield reason('CHANNEL_NOT_ALLOWED'",
        "void reason('CHANNEL_NOT_ALLOWED'",
      ),
    ],
    alone: ['POLICY_DENIED CHANNEL_NOT_ALLOWED', 'TRANSACTION_MALFORMED MUXED_SOURCE'],
  },
  {
    guard: 'three kinds of operation',
    attack: 'operation-set-options',
    patches: [
      change(
        `${STELLAR}/operation.ts`,
        "throw new TransactionError(\n        'UNSUPPORTED_OPERATION',",
        "if (body) return { type: 'bumpSequence', ...source, bumpTo: 0n };\n      throw new TransactionError(\n        'UNSUPPORTED_OPERATION',",
      ),
      change(
        'packages/policy/src/match.ts',
        'operations.slice(0, -1).map(',
        "operations.slice(0, -1).filter(({ type }) => type !== 'bumpSequence').map(",
      ),
    ],
    alone: ['TRANSACTION_MISMATCH OPERATION_NOT_DECLARED', 'TRANSACTION_MALFORMED UNSUPPORTED_OPERATION'],
  },
  {
    guard: 'one spelling of an asset code',
    attack: 'asset-twin-declared',
    patches: [change(`${STELLAR}/asset.ts`, ' || code.length < shortest) {', ') {')],
  },
  {
    guard: 'an end at a ledger',
    attack: 'auth-ledger-0',
    patches: [change(`${STELLAR}/authorization.ts`, '    1n,\n    MAX_UINT32,', '    0n,\n    MAX_UINT32,')],
  },
  {
    guard: 'nothing under the transfer',
    attack: 'auth-under',
    patches: [change(`${STELLAR}/authorization.ts`, 'subInvocations.length > 0', 'subInvocations.length > 1')],
  },
  {
    guard: 'transfer alone',
    attack: 'auth-burn',
    patches: [
      change(
        `${STELLAR}/token.ts`,
        'if (!spells(call.functionName.bytes, TRANSFER)) {',
        'if (call.args.length > 99) {',
      ),
    ],
  },
  {
    guard: 'arguments of their types',
    attack: 'auth-four-arguments',
    patches: [change(`${STELLAR}/token.ts`, ' || more.length > 0) {', ') {')],
  },
  {
    guard: 'the account pays',
    attack: 'auth-money-of-another',
    patches: [unthrown(`${STELLAR}/token.ts`, "new TransactionError('ACCOUNT_DIFFERS',")],
  },
  {
    guard: 'the call is what is authorized',
    attack: 'invocation-contract',
    patches: [unthrown(`${STELLAR}/invocation.ts`, "new TransactionError(\n      'INVOCATION_DIFFERS',")],
  },
  {
    guard: 'one authorization',
    attack: 'invocation-authorization-source',
    patches: [change(`${STELLAR}/invocation.ts`, 'entry !== undefined && more.length === 0', 'entry !== undefined')],
  },
  {
    guard: 'one signature of its shape',
    attack: 'invocation-third-entry',
    patches: [change(`${STELLAR}/authorization-signature.ts`, ' || more.length > 0) {', ') {')],
  },
  {
    guard: 'no memo on an invocation',
    attack: 'invocation-memo',
    patches: [unthrown(`${STELLAR}/invocation.ts`, "new TransactionError('MEMO_NOT_SUPPORTED',")],
  },
  {
    guard: 'no source of the operation',
    attack: 'invocation-source',
    patches: [unthrown(`${STELLAR}/invocation.ts`, "new TransactionError('OPERATION_SOURCE_NOT_SUPPORTED',")],
  },
  {
    guard: 'no archived entries',
    attack: 'invocation-archived',
    patches: [unthrown(`${STELLAR}/resources.ts`, "new TransactionError('ENTRY_ARCHIVED_IN_FOOTPRINT',")],
  },
  {
    guard: 'type 2 alone',
    attack: 'evm-type-0',
    patches: [
      change(`${EVM}/rlp.ts`, 'if (type === FEE_MARKET_TYPE) return;', 'if (type !== undefined) return;'),
      reencoding.evm,
    ],
    alone: [NOT_CANONICAL, 'TRANSACTION_MALFORMED UNKNOWN_TRANSACTION_TYPE'],
  },
  {
    guard: 'nine fields',
    attack: 'evm-ten-fields',
    patches: [
      change(`${EVM}/rlp.ts`, 'fields.length === UNSIGNED_FIELDS) return', 'fields.length >= UNSIGNED_FIELDS) return'),
      reencoding.evm,
    ],
    alone: [NOT_CANONICAL, 'TRANSACTION_MALFORMED MALFORMED_TRANSACTION'],
  },
  {
    guard: 'no leading zeros',
    attack: 'evm-zero-chain',
    patches: [unthrown(`${EVM}/decode.ts`, "new TransactionError('NOT_CANONICAL', field,"), reencoding.evm],
    alone: [NOT_CANONICAL, NOT_CANONICAL],
  },
  {
    guard: 'an empty access list',
    attack: 'evm-access-list',
    patches: [
      change(`${EVM}/decode.ts`, 'Array.isArray(item) && item.length === 0', 'Array.isArray(item)'),
      reencoding.evm,
    ],
    alone: [NOT_CANONICAL, 'TRANSACTION_MALFORMED UNSUPPORTED_ACCESS_LIST'],
  },
  {
    guard: 'one method',
    attack: 'erc20-other-selector',
    patches: [
      change(`${EVM}/erc20.ts`, ' || !sameBytes(data.subarray(0, TRANSFER.length), TRANSFER)) {', ') {'),
      reencoding.evm,
    ],
    alone: [NOT_CANONICAL, 'TRANSACTION_MALFORMED UNSUPPORTED_CALLDATA'],
  },
  {
    guard: 'clean words of calldata',
    attack: 'erc20-dirty',
    patches: [
      unthrown(`${EVM}/erc20.ts`, "new TransactionError('INVALID_ADDRESS', 'data.to', 'expected 12 zero"),
      reencoding.evm,
    ],
    alone: [NOT_CANONICAL, 'TRANSACTION_MALFORMED INVALID_ADDRESS'],
  },
  {
    guard: 'no value beside a token',
    attack: 'erc20-value',
    patches: [unthrown(`${EVM}/erc20.ts`, "new TransactionError('VALUE_WITH_TOKEN_TRANSFER',")],
  },
  {
    guard: 'ids of known characters',
    attack: 'payout-id-space',
    patches: [change(`${SIGNING}/decode.ts`, 'if (!ID.test(value))', 'if (!ID.test(value.trim()))')],
  },
  {
    guard: 'amounts in one spelling',
    attack: 'amount-text-zeros',
    patches: [change(`${SIGNING}/decode.ts`, '/^[1-9][0-9]{0,77}$/', '/^[0-9]{1,78}$/')],
  },
];
