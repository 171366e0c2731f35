import { type Bundle, checkBundle } from '@countersign/bundle/check-bundle';
import { readBundle } from '@countersign/bundle/read-bundle';
import { TransactionError } from '@countersign/chains/error';
import { evmAddress } from '@countersign/chains/evm/address';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import type { Question } from '@countersign/policy/decide';
import type { Purpose } from '@countersign/policy/schema';
import { type Command, type Io, UsageError } from '../command.ts';
import { readOptions, timeOf } from '../options.ts';
import { decodeAsked } from './decode-asked.ts';
import { describeTransaction } from './describe-transaction.ts';
import { type Asked, readAsked } from './explain-request.ts';
import { judge, type Refusal, type Who } from './judge.ts';

/** Decodes a transaction, says what it does, and decides it by the policy of a key, as the signer would. */
export const policyExplainCommand: Command = {
  name: 'policy explain',
  parameters:
    '--policy FILE --keys FILE --key ID --caller SPIFFE_ID --purpose payout|cancel (--request FILE | (--tx TEXT | --authorization TEXT) [--network PASSPHRASE] [--approved-by NAME,…]) [--at TIME]',
  summary: 'say what a transaction does, and which rules of a policy it violates',
  run: async (args, io) => {
    const given = readOptions(
      args,
      ['policy', 'keys', 'key', 'caller', 'purpose'],
      ['request', 'tx', 'authorization', 'network', 'approved-by', 'at'],
    );
    const at = timeOf('--at', given.at) ?? new Date();
    const asked = readAsked(given);
    const who = {
      caller: given.caller,
      purpose: purposeOf(given.purpose),
      now: BigInt(Math.floor(at.getTime() / 1000)),
    };
    const bundle = checkBundle(readBundle(given), at);
    if (!Object.keys(bundle.keys.keys).includes(given.key))
      throw new UsageError(`--key: KEYS_FILE has no ${given.key}`);
    return explain(bundle, given.key, who, asked, io);
  },
};

function purposeOf(text: string): Purpose {
  if (text === 'payout' || text === 'cancel') return text;
  throw new UsageError(`--purpose: expected payout or cancel, got ${text}`);
}

function explain(bundle: Bundle, keyId: string, who: Who, asked: Asked, io: Io): number {
  const policy = bundle.policy.keys.get(keyId);
  let transaction: Question['transaction'];
  try {
    transaction = decodeAsked(asked);
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    io.out('not decoded: the signer refuses it, whatever policy says\n');
    return say([error], io);
  }
  io.out(`${describeTransaction(transaction, policy).join('\n')}\n\n`);
  if (policy === undefined) return say([{ code: 'NO_POLICY', message: `key_id: no policy names ${keyId}` }], io);
  return say([...judge(policy, transaction, who, asked, addressOf(bundle, keyId))], io);
}

function addressOf({ keys: { keys } }: Bundle, keyId: string): string {
  const { algorithm, public_key } = keys[keyId] ?? {};
  const publicKey = Buffer.from(public_key ?? '', 'hex');
  return algorithm === 'secp256k1' ? evmAddress(publicKey) : stellarAddress(publicKey);
}

function say(refusals: readonly Refusal[], io: Io): number {
  if (refusals.length === 0) {
    io.out('allowed; limits over time are counted by the signer alone, from what it has signed\n');
    return 0;
  }
  io.out('denied:\n');
  for (const { code, message } of refusals) io.out(`  ${code} ${message}\n`);
  return 1;
}
