import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keysDocument, toYaml } from '@countersign/dev/configuration';
import { generateKeys } from '@countersign/dev/keys';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';

interface Start {
  /** Of the problem that the start names. */
  readonly words: string;
  readonly env: (t: Attacker) => Promise<Record<string, string>> | Record<string, string>;
}

const run =
  ({ words, env }: Start) =>
  async (t: Attacker) => {
    await using other = await t.afresh('plain');
    // Another version, because other keys are another bundle.
    const message = await other.start({ POLICY_FILE: t.policies.newer, ...(await env(other)) });
    return message.includes(words) ? `does not start: ${words}` : message;
  };

const aliases = { 'treasury-stellar': 'alias/treasury-stellar', 'treasury-evm': 'alias/treasury-evm' };

type Keys = ReturnType<typeof keysDocument>['keys'];
let files = 0;

/** KEYS_FILE with other entries. */
async function keysFile({ world }: Attacker, change: (keys: Keys) => object): Promise<Record<string, string>> {
  const file = join(world.dir, `redteam-keys-${++files}.yaml`);
  await writeFile(file, toYaml({ keys: change(keysDocument(world.keys, aliases).keys) }));
  return { KEYS_FILE: file };
}

const PINNED = 'pinned public keys';
const refused = (words: string) => `does not start: ${words}`;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Another key behind the name of one, or one key behind two names. */
export const START = attacks<Start>('files', 'C24', run, [
  [
    'start-other-key',
    'a key in KMS that is not the pinned one',
    PINNED,
    refused('public key'),
    {
      words: 'public key',
      env: (t) =>
        keysFile(t, (keys) => ({
          ...keys,
          'treasury-stellar': { ...keys['treasury-stellar'], public_key: hex(generateKeys(0).stellar.publicKey) },
        })),
    },
  ],
  [
    'start-other-alias',
    'the alias of one key for another',
    PINNED,
    refused('KeySpec'),
    {
      words: 'KeySpec',
      env: (t) =>
        keysFile(t, (keys) => ({
          ...keys,
          'treasury-stellar': {
            ...keys['treasury-stellar'],
            custodies: { kms: { backend: 'aws-kms', key: aliases['treasury-evm'] } },
          },
        })),
    },
  ],
  [
    'start-one-key-twice',
    'one public key under two key ids: each limit twice',
    'one id a key',
    refused('the same key is registered as'),
    {
      words: 'the same key is registered as',
      env: async (t) => {
        const flags = { paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'kms', 'treasury-second': 'kms' } };
        const FLAGS_FILE = join(t.world.dir, 'redteam-flags.yaml');
        await writeFile(FLAGS_FILE, toYaml(flags));
        const keys = await keysFile(t, (known) => ({ ...known, 'treasury-second': known['treasury-stellar'] }));
        return { ...keys, FLAGS_FILE };
      },
    },
  ],
  [
    'start-another-id',
    'a known key under another id, with a policy for it: no freeze, no limit of it counts',
    'one id a key, for good',
    refused('expected one that is new here'),
    {
      words: 'expected one that is new here',
      env: async (t) => {
        const { KEYS_FILE = '' } = await keysFile(t, (keys) => keys);
        const flags = toYaml({ paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' } });
        const renamed = async (name: string, text: string) => {
          const file = join(t.world.dir, `redteam-renamed-${name}.yaml`);
          await writeFile(file, text.replaceAll(/(?<!alias\/)treasury-evm/g, 'treasury-renamed'));
          return file;
        };
        return {
          POLICY_FILE: await renamed('policy', await readFile(t.policies.newer, 'utf8')),
          KEYS_FILE: await renamed('keys', await readFile(KEYS_FILE, 'utf8')),
          FLAGS_FILE: await renamed('flags', flags),
        };
      },
    },
  ],
  [
    'start-small-order',
    'a public key of small order, which anything verifies under',
    PINNED,
    refused('public key'),
    {
      words: 'public key',
      env: (t) =>
        keysFile(t, (keys) => ({
          ...keys,
          'treasury-stellar': { ...keys['treasury-stellar'], public_key: `01${'00'.repeat(31)}` },
        })),
    },
  ],
  [
    'start-seed-left',
    'the seed of a key on KMS, left in the environment',
    'no seed left behind',
    refused('its seed must leave the environment'),
    {
      words: 'its seed must leave the environment',
      env: ({ world }) => ({ LEGACY_SEED_TREASURY_EVM: world.keys.evm.seed }),
    },
  ],
  [
    'start-back-to-legacy',
    'a key that is on KMS, back on the seed that somebody kept',
    'no way back to a seed',
    refused('it has been on kms since'),
    {
      words: 'it has been on kms since',
      env: async ({ world }) => {
        const FLAGS_FILE = join(world.dir, 'redteam-flags-back.yaml');
        await writeFile(FLAGS_FILE, toYaml({ paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'legacy' } }));
        return { FLAGS_FILE, LEGACY_SEED_TREASURY_EVM: world.keys.evm.seed };
      },
    },
  ],
  [
    'start-endpoint',
    'another endpoint of KMS, in production',
    'no endpoint in production',
    refused('AWS_ENDPOINT_URL_KMS'),
    {
      words: 'AWS_ENDPOINT_URL_KMS',
      env: () => ({ COUNTERSIGN_MODE: 'production' }),
    },
  ],
  [
    'start-endpoint-any',
    'another endpoint of all AWS services, in production',
    'no endpoint in production',
    refused('AWS_ENDPOINT_URL'),
    {
      words: 'AWS_ENDPOINT_URL',
      env: ({ world }) => ({
        COUNTERSIGN_MODE: 'production',
        AWS_ENDPOINT_URL: world.kms.url,
        AWS_ENDPOINT_URL_KMS: '',
      }),
    },
  ],
]);
