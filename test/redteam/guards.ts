import type { Stage } from './refused.ts';

/** A check in the signer that refuses attacks: at which stage it stands, and in which file. */
export interface Guard {
  /** A stage of the signer, or what stands before all stages. */
  readonly stage: Stage | 'wall' | 'start' | 'outside';
  readonly file: string;
}

const CHAINS = 'packages/chains/src';
const POLICY = 'packages/policy/src';
const SIGNING = 'services/signer/src/signing';
const RESERVATION = 'services/signer/src/reservation';

const decoding = (file: string): Guard => ({ stage: 'decode', file: `${CHAINS}/${file}` });
const asking = (file: string): Guard => ({ stage: 'decode', file: `${SIGNING}/${file}` });
const matching = (file: string): Guard => ({ stage: 'match', file: `${POLICY}/${file}` });
const reserving = (file: string): Guard => ({ stage: 'reserve', file: `${RESERVATION}/${file}` });
const deciding = (file: string): Guard => ({ stage: 'decide', file: `${POLICY}/${file}` });

const starting = (file: string): Guard => ({ stage: 'start', file });
const wall = (file: string): Guard => ({ stage: 'wall', file });

/** Every guard that an attack names. */
export const GUARDS = {
  // Stellar bytes
  'strict XDR': decoding('stellar/envelope.ts'),
  'one envelope type': decoding('stellar/envelope.ts'),
  'no foreign signatures': decoding('stellar/envelope.ts'),
  'size of a transaction': decoding('check.ts'),
  'no extension': decoding('stellar/decode.ts'),
  'time bounds alone': decoding('stellar/decode.ts'),
  'at least one operation': decoding('stellar/decode.ts'),
  'memo text is UTF-8': decoding('stellar/memo.ts'),
  'plain sources': decoding('stellar/account.ts'),
  'sequence in a lane': decoding('check.ts'),
  'three kinds of operation': decoding('stellar/operation.ts'),
  'one spelling of an asset code': decoding('stellar/asset.ts'),
  'positive amounts': decoding('check.ts'),
  // EVM bytes
  'type 2 alone': decoding('evm/rlp.ts'),
  'nine fields': decoding('evm/rlp.ts'),
  'strict RLP': decoding('evm/rlp.ts'),
  'no leading zeros': decoding('evm/decode.ts'),
  'integers in bounds': decoding('evm/decode.ts'),
  'bytes where bytes belong': decoding('evm/decode.ts'),
  'a recipient of 20 bytes': decoding('evm/decode.ts'),
  'an empty access list': decoding('evm/decode.ts'),
  'one method': decoding('evm/erc20.ts'),
  'clean words of calldata': decoding('evm/erc20.ts'),
  'no token to its contract': decoding('evm/erc20.ts'),
  'no value beside a token': decoding('evm/erc20.ts'),
  'no token at the zero address': decoding('evm/erc20.ts'),
  'no transfer to nobody': decoding('evm/erc20.ts'),
  // Soroban bytes
  'strict XDR of an entry': decoding('stellar/authorization.ts'),
  'no signature in an entry': decoding('stellar/decode.ts'),
  'credentials of an address': decoding('stellar/authorization.ts'),
  'an end at a ledger': decoding('stellar/authorization.ts'),
  'nothing under the transfer': decoding('stellar/authorization.ts'),
  'transfer alone': decoding('stellar/token.ts'),
  'arguments of their types': decoding('stellar/token.ts'),
  'the account pays': decoding('stellar/token.ts'),
  'positive amounts of a token': decoding('stellar/token.ts'),
  'no token to its own contract': decoding('stellar/token.ts'),
  'accounts and contracts alone': decoding('stellar/sc-address.ts'),
  'one invocation, alone': decoding('stellar/decode.ts'),
  'resources are declared': decoding('stellar/invocation.ts'),
  'no source of the operation': decoding('stellar/invocation.ts'),
  'no memo on an invocation': decoding('stellar/invocation.ts'),
  'the call of a contract': decoding('stellar/invocation.ts'),
  'the call is what is authorized': decoding('stellar/invocation.ts'),
  'one authorization': decoding('stellar/invocation.ts'),
  'one signature of its shape': decoding('stellar/authorization-signature.ts'),
  'no archived entries': decoding('stellar/resources.ts'),
  'resource fee within the fee': decoding('stellar/resources.ts'),
  'a footprint names a key once': decoding('stellar/footprint.ts'),
  'known keys of a footprint': decoding('stellar/footprint.ts'),
  // Fields of the request
  'ids of known characters': asking('decode.ts'),
  'no payout id twice': asking('decode.ts'),
  'at most 99 payouts': asking('decode.ts'),
  'registered keys alone': asking('decode.ts'),
  'a key of the chain’s curve': asking('decode.ts'),
  'known purposes': asking('decode.ts'),
  'a transaction': asking('decode.ts'),
  'at most 16 approvals': asking('decode.ts'),
  'amounts in one spelling': asking('decode.ts'),
  'memos that the chain can hold': asking('decode.ts'),
  'nonces below 2^64 - 1': asking('decode.ts'),
  'addresses with their checksum': decoding('stellar/address.ts'),
  'one id an asset': decoding('caip.ts'),
  // What is declared
  'nonce of the payout': matching('match-authorization.ts'),
  'one payout an authorization': matching('match-authorization.ts'),
  'contract of the asset': matching('match-authorization.ts'),
  'own authorizations alone': { stage: 'match', file: `${SIGNING}/match.ts` },
  'transfers are exactly the payouts': matching('match.ts'),
  'at least one payout': matching('match.ts'),
  'the last operation closes the lane': matching('match.ts'),
  'one bump': matching('match.ts'),
  'cancels on EVM alone': matching('match.ts'),
  'a cancel pays nobody': matching('match.ts'),
  // Policy
  'callers and their purposes': wall('packages/policy/src/decide.ts'),
  'network of the key': deciding('decide.ts'),
  'listed destinations': deciding('decide-payouts.ts'),
  'no payment to the issuer': deciding('decide-payouts.ts'),
  'listed assets': deciding('decide-payouts.ts'),
  'limit of a payout': deciding('decide-payouts.ts'),
  'limits of gas': deciding('decide.ts'),
  'never paid': deciding('decide-payouts.ts'),
  'approvers of the policy': deciding('decide-payouts.ts'),
  'approvals of exactly these terms': { stage: 'decide', file: 'packages/sshsig/src/approval.ts' },
  'approvals in their time': { stage: 'decide', file: `${SIGNING}/approvers.ts` },
  'valid SSH signatures': { stage: 'decide', file: 'packages/sshsig/src/sshsig.ts' },
  'listed channels': deciding('decide-stellar.ts'),
  'the treasury pays': deciding('decide-stellar.ts'),
  'no new accounts': deciding('decide-stellar.ts'),
  'limit of a fee': deciding('decide-stellar.ts'),
  'an end in time': deciding('decide-stellar.ts'),
  'valid from now': deciding('decide-stellar.ts'),
  'life of an authorization': deciding('decide-soroban.ts'),
  'the treasury authorizes': deciding('decide-soroban.ts'),
  'no new accounts by contracts': deciding('decide-soroban.ts'),
  'limit of a resource fee': deciding('decide-soroban.ts'),
  'a footprint of what the transfer needs': deciding('footprint.ts'),
  'code as pinned': deciding('footprint.ts'),
  'replays pass every stage': { stage: 'decide', file: `${SIGNING}/countersign.ts` },
  // The ledger of the signer
  'a payout has one lane': reserving('demand-same.ts'),
  'a payout has one set of terms': reserving('demand-same.ts'),
  'one declaration a transaction': reserving('demand-same.ts'),
  'a request id has one content': reserving('demand-same.ts'),
  'a nonce has one payout': reserving('demand-same.ts'),
  'one authorization a payout': reserving('demand-same.ts'),
  'no gap between nonces': reserving('nonce-window.ts'),
  'a window of nonces': reserving('nonce-window.ts'),
  'a count of envelopes': reserving('envelope-count.ts'),
  'the newest policy decides': reserving('in-force.ts'),
  'frozen keys': { stage: 'outside', file: `${RESERVATION}/in-force.ts` },
  'an exported log': { stage: 'outside', file: 'services/signer/src/audit/open-audit.ts' },
  'a database not behind its log': starting('services/signer/src/audit/check-exported.ts'),
  'windows of amount': reserving('charge.ts'),
  'windows of number': reserving('charge.ts'),
  'a budget of fees': reserving('charge.ts'),
  'refusals are not charged': { stage: 'outside', file: `${RESERVATION}/reserve.ts` },
  // Key backends
  'signatures verified by the pinned key': { stage: 'outside', file: 'packages/custody/src/signature.ts' },
  // The start
  'versions of a policy go up': starting('services/signer/src/policy/accept-policy.ts'),
  'signatures of the operators': starting('packages/sshsig/src/verify-bundle.ts'),
  'a strict policy file': starting('packages/policy/src/schema.ts'),
  'pinned public keys': starting('packages/custody/src/pinned.ts'),
  'one id a key': starting('packages/custody/src/assert-keys.ts'),
  'one id a key, for good': starting('services/signer/src/custody/register-keys.ts'),
  'no seed left behind': starting('services/signer/src/custody/open-keys.ts'),
  'no way back to a seed': starting('services/signer/src/custody/latch.ts'),
  'no endpoint in production': starting('packages/custody/src/aws-kms/aws-client.ts'),
  // What stands around the signer
  'a database and a role of its own': { stage: 'outside', file: 'packages/dev/src/postgres/start-postgres.ts' },
  // The wall
  'TLS 1.3 alone': wall('packages/contract/src/grpc/mtls-listener.ts'),
  'no resumption': wall('packages/contract/src/grpc/mtls-listener.ts'),
  'certificates of one CA': wall('packages/contract/src/grpc/mtls-listener.ts'),
  'one SPIFFE ID': wall('packages/contract/src/peer.ts'),
  'SPIFFE IDs in one form': wall('packages/contract/src/peer.ts'),
  'strict messages': wall('packages/contract/src/grpc/received.ts'),
  'size of a message': wall('packages/contract/src/grpc/request-size.ts'),
  'one whole message a call': wall('services/signer/src/wall/server.ts'),
  'methods of the contract': wall('services/signer/src/wall/server.ts'),
  deadlines: wall('services/signer/src/wall/call-guard.ts'),
  'limits of calls': wall('services/signer/src/wall/call-gate.ts'),
  'a budget of denials': wall('services/signer/src/wall/denial-budget.ts'),
} as const satisfies Readonly<Record<string, Guard>>;
export type GuardName = keyof typeof GUARDS;
