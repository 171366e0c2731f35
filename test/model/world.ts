import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeysConfig } from '@countersign/custody/keys-config';
import { openRegistry, type Registry } from '@countersign/custody/registry';
import { policyDocument } from '@countersign/dev/configuration';
import { generateKeys, type StackKeys } from '@countersign/dev/keys';
import { createDevPki, SPIFFE_IDS } from '@countersign/dev/pki';
import { generateRecipients, type Recipients } from '@countersign/dev/recipients';
import { type Policy, policySchema } from '@countersign/policy/schema';
import type { LoadedPolicy } from '@countersign/signer/in-process';
import type { Limits } from './limits.ts';

/** A key, and the account that it signs for. */
export interface Account {
  readonly keyId: string;
  readonly address: string;
}

/** What stays the same over all runs: keys, who is paid, who calls. */
export interface World {
  readonly keys: StackKeys;
  readonly recipients: Recipients;
  /** Two keys that pay on the same channels. */
  readonly stellar: readonly [Account, Account];
  readonly evm: readonly [Account, Account];
  readonly channels: readonly string[];
  readonly registry: Registry;
  /** DER, and the identity in it. */
  readonly callers: readonly [Caller, Caller];
  policy(version: number, limits: Limits): LoadedPolicy;
}

export interface Caller {
  readonly certificate: Uint8Array;
  readonly identity: string;
}

const OTHER_CALLER = 'spiffe://countersign.dev/other-api';

export async function openWorld(): Promise<World> {
  const keys = generateKeys(3);
  const second: StackKeys = { ...generateKeys(0), channels: keys.channels, issuer: keys.issuer };
  const recipients = generateRecipients(3);
  const accounts = {
    stellar: [account('treasury-stellar', keys.stellar), account('second-stellar', second.stellar)],
    evm: [account('treasury-evm', keys.evm), account('second-evm', second.evm)],
  } as const;
  const policy = policyOf(keys, second, recipients);
  const { config, seeds } = registered([
    ['treasury-stellar', 'ed25519', keys.stellar],
    ['second-stellar', 'ed25519', second.stellar],
    ['treasury-evm', 'secp256k1', keys.evm],
    ['second-evm', 'secp256k1', second.evm],
  ]);
  return {
    keys,
    recipients,
    ...accounts,
    channels: keys.channels.map((channel) => channel.publicKey()),
    registry: await openRegistry(config, { env: seeds, aws: { mode: 'development' } }),
    callers: await callers(),
    policy: (version, limits) => ({
      policy: limited({ ...policy, version }, limits),
      keys: config,
      digest: version.toString(16).padStart(64, '0'),
      keysDigest: '0'.repeat(64),
      signedBy: [],
    }),
  };
}

const account = (keyId: string, { address }: { readonly address: string }): Account => ({ keyId, address });

function policyOf(keys: StackKeys, second: StackKeys, recipients: Recipients): Policy {
  const { keys: first, ...rest } = policyDocument(keys, recipients);
  const { keys: others } = policyDocument(second, recipients);
  const named = {
    ...first,
    'second-stellar': others['treasury-stellar'],
    'second-evm': others['treasury-evm'],
  };
  const withCallers = Object.entries(named).map(([id, key]) => {
    const callers = { ...key.callers, [OTHER_CALLER]: key.callers[SPIFFE_IDS.api] };
    return [id, { ...key, callers }] as const;
  });
  return policySchema.parse({ ...rest, keys: Object.fromEntries(withCallers) });
}

/** The same policy with other limits over time. */
function limited(policy: Policy, limits: Limits): Policy {
  const keys = [...policy.keys].map(([id, key]) => {
    const { windows, feeWindows } = limits.of(id);
    const assets = new Map([...key.assets].map(([asset, each]) => [asset, { ...each, windows }]));
    return [id, { ...key, assets, feeWindows }] as const;
  });
  return { ...policy, keys: new Map(keys) };
}

interface Pair {
  readonly seed: string;
  readonly publicKey: Uint8Array;
}

function registered(pairs: readonly (readonly [string, 'ed25519' | 'secp256k1', Pair])[]) {
  const keys: KeysConfig['keys'] = {};
  const seeds: NodeJS.ProcessEnv = {};
  for (const [id, algorithm, { publicKey, seed }] of pairs) {
    const variable = `SEED_${id.toUpperCase().replace('-', '_')}`;
    const custodies = { legacy: { backend: 'env', variable } } as const;
    keys[id] = { algorithm, public_key: Buffer.from(publicKey).toString('hex'), custodies };
    seeds[variable] = seed;
  }
  return { config: { keys }, seeds };
}

async function callers(): Promise<[Caller, Caller]> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-model-'));
  try {
    const pki = await createDevPki(dir);
    const other = await pki.issue({ name: 'other-api', uris: [OTHER_CALLER] });
    const der = async (file: string) => new X509Certificate(await readFile(file)).raw;
    return [
      { certificate: await der(pki.api.certFile), identity: SPIFFE_IDS.api },
      { certificate: await der(other.certFile), identity: OTHER_CALLER },
    ];
  } finally {
    await rm(dir, { recursive: true });
  }
}
