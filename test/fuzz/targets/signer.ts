import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CountersignError } from '@countersign/contract/errors';
import { type SignTransactionRequest, SignTransactionRequestSchema } from '@countersign/contract/signer';
import type { RegisteredKey } from '@countersign/custody/registry';
import { SPIFFE_IDS } from '@countersign/dev/pki';
import { policySchema } from '@countersign/policy/schema';
import { parseYaml } from '@countersign/runtime/yaml';
import { decideByPolicy } from '@countersign/signer/signing/decide-by-policy';
import { decode } from '@countersign/signer/signing/decode';
import { match } from '@countersign/signer/signing/match';
import { mutateBytes } from '../bytes.ts';
import { mayBeSigned } from '../oracle/may-be-signed.ts';
import { Random } from '../random.ts';
import { validRequest } from '../requests.ts';
import { outcomeOf, type Target } from '../target.ts';
import { KEYS, NOW, POLICY_YAML } from '../world.ts';
import { mutateItems } from './evm.ts';
import { xdrMutator } from './xdr-mutator.ts';

class NotAMessage extends Error {}

const backend = (algorithm: RegisteredKey['algorithm'], publicKey: Uint8Array) => ({
  name: 'env' as const,
  algorithm,
  publicKey,
  sign: () => Promise.reject(new Error('nothing is signed here')),
  close: () => Promise.resolve(),
});
const key = (id: string, algorithm: RegisteredKey['algorithm'], publicKey: Uint8Array): [string, RegisteredKey] => [
  id,
  { id, algorithm, publicKey, custodies: { legacy: backend(algorithm, publicKey) } },
];
const keys = new Map([
  key('treasury-stellar', 'ed25519', KEYS.stellar.publicKey),
  key('treasury-evm', 'secp256k1', KEYS.evm.publicKey),
]);
const inForce = { policy: parseYaml(POLICY_YAML, policySchema, 'policy.yaml'), version: 1n, digest: '', signedBy: [] };
const context = {
  clock: () => new Date(NOW * 1000),
  paths: { pathOf: () => 'legacy' as const },
};

const seeds = Array.from({ length: 24 }, (_, i) => validRequest(new Random(i)));
const envelopes = seeds.flatMap((seed) => bytesIn(read(seed), 'stellar'));
const entries = seeds.flatMap((seed) => bytesIn(read(seed), 'stellarAuthorization'));
const mutateEnvelope = xdrMutator('TransactionEnvelope', envelopes, []);
const mutateEntry = xdrMutator('SorobanAuthorizationEntry', entries, []);
const declared = seeds.flatMap((seed) => read(seed).payouts);
const signatures = declared.flatMap(({ approvals }) => approvals.map(({ signature }) => signature));

/** The signer's stages up to the policy's decision, on the bytes of a request: what passes is what its rules allow, read anew. */
export const signerRequests: Target = {
  name: 'signer request',
  seeds,
  maxLength: 64 * 1024,
  leastAccepted: 50,
  leastReasons: 25,
  mutate: (random, input, corpus) => {
    if (random.once(10)) return validRequest(random);
    if (random.once(6)) return mutateBytes(random, input, corpus);
    try {
      const request = read(input);
      const { transaction } = random.once(12) ? read(random.pick(corpus)) : request;
      const changed = create(SignTransactionRequestSchema, { ...request, transaction });
      if (random.once(2)) mutateTransaction(random, changed, corpus);
      else mutateDeclaration(random, changed);
      return toBinary(SignTransactionRequestSchema, changed);
    } catch {
      // What was changed before is no message any more, or no number fits its field now.
      return mutateBytes(random, input, corpus);
    }
  },
  execute: (input) =>
    outcomeOf(
      () => {
        const request = asMessage(input);
        const proposal = decode(keys, request);
        match(proposal);
        decideByPolicy(context, inForce, SPIFFE_IDS.api, proposal);
        return request;
      },
      reasonOf,
      {
        accepted: (request) => ({
          kind: `${request.transaction.case} ${request.purpose} ${Math.min(3, request.payouts.length)}`,
          verify: () => mayBeSigned(request),
        }),
      },
    ),
};

function reasonOf(error: unknown): string | undefined {
  if (error instanceof NotAMessage) return 'not a message';
  if (!(error instanceof CountersignError)) return undefined;
  if (error.code === 'INTERNAL') return undefined;
  const reasons = error.reasons.map(({ code }) => code).sort();
  return `${error.code} ${[...new Set(reasons)].slice(0, 3).join()}`;
}

function asMessage(input: Uint8Array): SignTransactionRequest {
  try {
    return read(input);
  } catch (cause) {
    throw new NotAMessage('protobuf refuses it', { cause });
  }
}

function read(input: Uint8Array): SignTransactionRequest {
  return fromBinary(SignTransactionRequestSchema, input, { readUnknownFields: false });
}

function bytesIn({ transaction }: SignTransactionRequest, kind: 'stellar' | 'stellarAuthorization'): Uint8Array[] {
  if (transaction.case !== kind) return [];
  return [transaction.case === 'stellar' ? transaction.value.envelopeXdr : transaction.value.entryXdr];
}

function mutateTransaction(
  random: Random,
  { transaction }: SignTransactionRequest,
  corpus: readonly Uint8Array[],
): void {
  switch (transaction.case) {
    case 'stellar':
      transaction.value.envelopeXdr = mutateEnvelope(random, transaction.value.envelopeXdr, envelopes);
      break;
    case 'stellarAuthorization':
      transaction.value.entryXdr = mutateEntry(random, transaction.value.entryXdr, entries);
      break;
    case 'evm':
      transaction.value.unsignedTransaction = random.once(3)
        ? mutateBytes(random, transaction.value.unsignedTransaction, corpus)
        : mutateItems(random, transaction.value.unsignedTransaction);
      break;
  }
}

const TEXTS = ['', '0', '-1', '1.0', '01', '1e3', ' 1', '0x1', '__proto__', 'x'.repeat(5_000), '\0', '\ud800', '９'];

function mutateDeclaration(random: Random, request: SignTransactionRequest): void {
  const { payouts } = request;
  const index = random.below(payouts.length);
  const payout = payouts[index];
  const other = random.pick(declared);
  const text = random.pick(TEXTS);
  switch (random.below(payout === undefined ? 4 : 12)) {
    case 0:
      request.keyId = random.pick(['treasury-stellar', 'treasury-evm', text]);
      break;
    case 1:
      request.purpose = random.pick<number>([0, 1, 2, 3, 99]);
      break;
    case 2:
      payouts.splice(index, random.below(2), other);
      break;
    case 3:
      request.requestId = text;
      break;
    case 4:
      payouts.splice(index, 1);
      break;
    case 5:
      if (payout !== undefined)
        payout.amount = random.once(2) ? text : `${BigInt(`0${payout.amount}`) + BigInt(random.below(3))}`;
      break;
    case 6:
      if (payout !== undefined)
        payout.destination = random.pick([other.destination, payout.destination.toLowerCase(), text]);
      break;
    case 7:
      if (payout !== undefined) payout.asset = random.pick([other.asset, payout.asset.toLowerCase(), text]);
      break;
    case 8:
      if (payout !== undefined)
        payouts[index] = { ...payout, ...(other.memo && { memo: other.memo }), payoutId: other.payoutId };
      break;
    case 9:
      if (payout !== undefined) payout.approvals = random.once(3) ? [] : [...payout.approvals, ...other.approvals];
      break;
    case 10:
      for (const approval of payout?.approvals ?? []) {
        if (random.once(3)) approval.expiresAt += BigInt(random.below(3) - 1);
        else approval.signature = mutateBytes(random, approval.signature, signatures);
      }
      break;
    default:
      request.payouts = payouts.toReversed();
  }
}
