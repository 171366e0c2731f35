import { parseAmount } from '@countersign/chains/amount';
import { type AssetId, type ChainId, evmChainId, parseAssetId, stellarChainId } from '@countersign/chains/caip';
import { parseEvmAddress } from '@countersign/chains/evm/address';
import { parseStellarAccount, parseStellarDestination } from '@countersign/chains/stellar/address';
import { z } from 'zod';

/** What a signature may be for; `cancel` exists on EVM alone. */
export type Purpose = 'payout' | 'cancel';

/** Who may ask for what with a key: SPIFFE ID → purposes. An identity that is not named is denied. */
export type Callers = ReadonlyMap<string, ReadonlySet<Purpose>>;

/** Limits of one asset, in its smallest unit. */
export interface AssetLimits {
  readonly maxPerPayout: bigint;
}

interface KeyPolicyBase {
  readonly callers: Callers;
  readonly chain: ChainId;
  readonly destinations: ReadonlySet<string>;
  readonly assets: ReadonlyMap<AssetId, AssetLimits>;
}

/** What a key may sign on one Stellar network. Fees are stroops for the whole transaction. */
export interface StellarKeyPolicy extends KeyPolicyBase {
  readonly kind: 'stellar';
  /** The account that pays: the source of every transfer. */
  readonly account: string;
  /** The accounts that may be the source of a transaction. */
  readonly channels: ReadonlySet<string>;
  readonly maxFee: bigint;
  /** Seconds between now and the transaction's maxTime. */
  readonly maxLifetime: bigint;
  readonly allowCreateAccount: boolean;
}

/** What a key may sign on one EVM chain. Fee caps are wei per gas. */
export interface EvmKeyPolicy extends KeyPolicyBase {
  readonly kind: 'evm';
  readonly maxGasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** How many nonces may be signed ahead of the lowest that is not final. */
  readonly maxNoncesAhead: bigint;
}

export type KeyPolicy = StellarKeyPolicy | EvmKeyPolicy;

/** A whole policy, in force for every key that it names and for no other. */
export interface Policy {
  readonly version: number;
  readonly environment: string;
  readonly keys: ReadonlyMap<string, KeyPolicy>;
}

const integer = z.string().regex(/^(0|[1-9][0-9]{0,77})$/, 'expected a decimal integer in quotes');
const spiffeId = z.string().regex(/^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/, 'expected a SPIFFE ID');
const assets = z.record(z.string(), z.strictObject({ max_per_payout: z.string() }));

const stellarRules = z.strictObject({
  network_passphrase: z.string().min(1),
  account: z.string(),
  channels: z.array(z.string()).min(1),
  destinations: z.array(z.string()),
  assets,
  max_fee: z.string(),
  max_lifetime_seconds: z.int().min(1).max(3600),
  allow_create_account: z.boolean(),
});

const evmRules = z.strictObject({
  chain_id: z.int().min(1),
  destinations: z.array(z.string()),
  assets,
  max_gas_limit: z.int().min(21_000).max(30_000_000),
  max_fee_per_gas: integer,
  max_priority_fee_per_gas: integer,
  max_nonces_ahead: z.int().min(1).max(1024),
});

const keyRules = z.strictObject({
  callers: z.record(spiffeId, z.array(z.enum(['payout', 'cancel'])).min(1)),
  stellar: stellarRules.optional(),
  evm: evmRules.optional(),
});

/**
 * The policy file (YAML, already parsed) → {@link Policy}. Amounts and `max_fee` are decimal strings in units of the asset;
 * fee caps of EVM are integers in wei. An unknown word, a bad address or an asset of another chain is an issue at its path.
 */
export const policySchema = z
  .strictObject({
    version: z.int().min(1),
    environment: z.string().min(1),
    keys: z.record(z.string(), keyRules),
  })
  .transform((file, context): Policy => {
    const keys = new Map<string, KeyPolicy>();
    for (const [id, key] of Object.entries(file.keys)) {
      const policy = keyPolicy(key, new Checker(context, ['keys', id]));
      if (policy !== undefined) keys.set(id, policy);
    }
    return { version: file.version, environment: file.environment, keys };
  });

function keyPolicy({ callers: file, stellar, evm }: z.infer<typeof keyRules>, at: Checker): KeyPolicy | undefined {
  const callers = new Map(Object.entries(file).map(([identity, purposes]) => [identity, new Set(purposes)]));
  if (evm !== undefined && stellar === undefined) return evmPolicy(callers, evm, at.in('evm'));
  if (stellar === undefined || evm !== undefined) return at.fail([], 'expected exactly one of `stellar` and `evm`');
  for (const [identity, purposes] of callers) {
    if (purposes.has('cancel')) at.fail(['callers', identity], '`cancel` exists on EVM alone');
  }
  return stellarPolicy(callers, stellar, at.in('stellar'));
}

function stellarPolicy(
  callers: Callers,
  rules: z.infer<typeof stellarRules>,
  at: Checker,
): StellarKeyPolicy | undefined {
  const chain = stellarChainId(rules.network_passphrase);
  const account = at.read('account', () => parseStellarAccount(rules.account));
  const channels = rules.channels.map((text, i) => at.read(['channels', i], () => parseStellarAccount(text)));
  const destinations = rules.destinations.map((text, i) =>
    at.read(['destinations', i], () => {
      const { address, account: paid } = parseStellarDestination(text);
      if (paid === account || channels.includes(paid)) throw new Error('expected an account that is not our own');
      return address;
    }),
  );
  if (account !== undefined && channels.includes(account))
    at.fail('channels', 'expected accounts other than `account`');
  const limits = assetLimits(rules.assets, chain, MAX_INT64, at);
  const maxFee = at.read('max_fee', () => parseAmount(rules.max_fee, 7, MAX_UINT32));
  if (account === undefined || maxFee === undefined) return undefined;
  return {
    kind: 'stellar',
    callers,
    chain,
    account,
    channels: new Set(present(channels)),
    destinations: new Set(present(destinations)),
    assets: limits,
    maxFee,
    maxLifetime: BigInt(rules.max_lifetime_seconds),
    allowCreateAccount: rules.allow_create_account,
  };
}

function evmPolicy(callers: Callers, rules: z.infer<typeof evmRules>, at: Checker): EvmKeyPolicy {
  const chain = evmChainId(BigInt(rules.chain_id));
  const destinations = rules.destinations.map((text, i) => at.read(['destinations', i], () => parseEvmAddress(text)));
  return {
    kind: 'evm',
    callers,
    chain,
    destinations: new Set(present(destinations)),
    assets: assetLimits(rules.assets, chain, MAX_UINT256, at),
    maxGasLimit: BigInt(rules.max_gas_limit),
    maxFeePerGas: BigInt(rules.max_fee_per_gas),
    maxPriorityFeePerGas: BigInt(rules.max_priority_fee_per_gas),
    maxNoncesAhead: BigInt(rules.max_nonces_ahead),
  };
}

const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT32 = 2n ** 32n - 1n;
const MAX_UINT256 = 2n ** 256n - 1n;

function assetLimits(
  file: z.infer<typeof assets>,
  chain: ChainId,
  max: bigint,
  at: Checker,
): Map<AssetId, AssetLimits> {
  const limits = new Map<AssetId, AssetLimits>();
  for (const [text, { max_per_payout }] of Object.entries(file)) {
    const asset = at.read(['assets', text], () => parseAssetId(text));
    if (asset === undefined) continue;
    if (asset.chain !== chain) at.fail(['assets', text], `expected an asset of ${chain}`);
    const maxPerPayout = at.read(['assets', text, 'max_per_payout'], () =>
      parseAmount(max_per_payout, asset.decimals, max),
    );
    if (maxPerPayout !== undefined) limits.set(asset.id, { maxPerPayout });
  }
  return limits;
}

function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}

/** Turns what a parser throws into an issue at the path of the field, and goes on, so that one load shows every mistake. */
class Checker {
  readonly #context: z.RefinementCtx;
  readonly #path: readonly PropertyKey[];

  constructor(context: z.RefinementCtx, path: readonly PropertyKey[]) {
    this.#context = context;
    this.#path = path;
  }

  in(field: string): Checker {
    return new Checker(this.#context, [...this.#path, field]);
  }

  read<T>(field: PropertyKey | readonly PropertyKey[], parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      this.fail(field, error instanceof Error ? error.message : 'not valid');
      return undefined;
    }
  }

  fail(field: PropertyKey | readonly PropertyKey[], message: string): undefined {
    this.#context.addIssue({ code: 'custom', path: [...this.#path, ...[field].flat()], message });
  }
}
