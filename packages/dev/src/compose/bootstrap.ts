import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { publicKeyToAddress } from 'viem/accounts';
import type { KmsOptions } from '../kms/start-kms.ts';
import { setUpEvm } from '../stack/anvil.ts';
import { generateCheckpointKey } from '../stack/audit-files.ts';
import { flagsDocument, type Paths, toYaml } from '../stack/configuration.ts';
import { callRpc } from '../stack/json-rpc.ts';
import { generateKeys, type StackKeys } from '../stack/keys.ts';
import { generateRecipients } from '../stack/recipients.ts';
import { setUpStellar } from '../stack/stellar-setup.ts';
import { waitUntil } from '../stack/wait-until.ts';
import { composeChains, composeKeys, composePolicy, KMS_PATHS } from './documents.ts';
import type { BootstrapEnv } from './env.ts';
import { createLocalKmsKey } from './local-kms.ts';
import { writePki } from './pki.ts';
import { postgresFiles } from './postgres.ts';
import { readState, stateOfParts, writeState } from './state.ts';
import { writeFiles } from './write-files.ts';

const CHANNELS = 4;
const RECIPIENTS = 3;
const REGION = 'us-east-1';
const ALIASES = { 'treasury-stellar': 'alias/treasury-stellar', 'treasury-evm': 'alias/treasury-evm' } as const;

/**
 * Makes the keys, certificates, passwords and configuration of a stack of containers, and the accounts on its chains. A
 * second run makes nothing: it checks that the chains and KMS are those of the first.
 * @returns what to tell a person.
 * @throws Error when a part has forgotten what the volumes remember.
 */
export async function bootstrap(env: BootstrapEnv, signal: AbortSignal): Promise<string> {
  const nodes = { stellar: env.STELLAR_RPC_URL, evm: env.EVM_RPC_URL };
  await waitUntil('the Stellar network is healthy', () => isHealthy(nodes.stellar), { timeoutMs: 120_000, signal });
  const known = await readState(env.STACK_DIR);
  if (known !== undefined) {
    const problems = await stateOfParts(known, env);
    if (problems.length === 0) return 'the stack is set up already';
    throw new Error(`${problems.join('; ')}: docker compose down --volumes, and start again`);
  }

  const { keys, kmsKeys, seeded } = await makeKeys(env.LOCAL_KMS_URL);
  const recipients = generateRecipients(RECIPIENTS);
  await setUpStellar(nodes.stellar, keys, recipients.stellar.slice(0, -1), signal);
  await setUpEvm(nodes.evm, keys.evm.address);

  const kms = kmsConfig(seeded);
  const at = (service: string) => join(env.STACK_DIR, service);
  const [api, signer] = [postgresFiles('api'), postgresFiles('signer')];
  const checkpoint = generateCheckpointKey();
  await writePki({ api: at('api'), signer: at('signer') });
  await writeFiles(at('api'), { 'chains.yaml': toYaml(composeChains(keys, nodes)), pgpass: api.pgpass });
  await writeFiles(at('signer'), {
    'keys.yaml': toYaml(composeKeys(keys, kmsKeys)),
    'policy.yaml': toYaml(composePolicy(keys, recipients)),
    'flags.yaml': toYaml(flagsDocument(KMS_PATHS)),
    'checkpoint.key': checkpoint.privateKey,
    'checkpoint.pub': checkpoint.publicKey,
    'aws-credentials': credentialsFile(kms.credentials.signer),
    pgpass: signer.pgpass,
  });
  await writeFiles(at('kms'), { 'kms.json': JSON.stringify(kms) });
  // Read by other users than the one that runs this; nobody else has the volume.
  await writeFiles(at('postgres-api'), api.initFiles, 0o444);
  await writeFiles(at('postgres-signer'), signer.initFiles, 0o444);
  await writeFiles(at('grafana'), { 'admin-password': randomBytes(16).toString('hex') }, 0o444);
  await writeState(env.STACK_DIR, {
    madeAt: new Date().toISOString(),
    stellarTreasury: keys.stellar.address,
    evmTreasury: keys.evm.address,
    ...(env.LOCAL_KMS_URL === undefined ? {} : { localKmsKey: kmsKeys['treasury-evm'] }),
    destinations: { stellar: recipients.stellar, evm: recipients.evm },
  });
  return guide(recipients.stellar[0], recipients.evm[0]);
}

async function isHealthy(url: string): Promise<boolean> {
  await callRpc(url, 'getHealth');
  return true;
}

interface MadeKeys {
  readonly keys: StackKeys;
  readonly kmsKeys: Readonly<Record<keyof Paths, string>>;
  readonly seeded: KmsOptions['keys'];
}

async function makeKeys(localKms: string | undefined): Promise<MadeKeys> {
  const keys = generateKeys(CHANNELS);
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const stellar = {
    alias: ALIASES['treasury-stellar'],
    algorithm: 'ed25519',
    privateKey: hex(keys.stellar.privateKey),
  } as const;
  if (localKms === undefined) {
    const evm = {
      alias: ALIASES['treasury-evm'],
      algorithm: 'secp256k1',
      privateKey: hex(keys.evm.privateKey),
    } as const;
    return { keys, kmsKeys: ALIASES, seeded: [stellar, evm] };
  }
  const { keyId, publicKey } = await createLocalKmsKey(localKms);
  const evm = {
    // The private half is in local-kms alone.
    seed: '',
    privateKey: new Uint8Array(),
    publicKey: secp256k1.Point.fromBytes(publicKey).toBytes(true),
    address: publicKeyToAddress(`0x${hex(publicKey)}`),
  };
  return { keys: { ...keys, evm }, kmsKeys: { ...ALIASES, 'treasury-evm': keyId }, seeded: [stellar] };
}

function kmsConfig(keys: KmsOptions['keys']) {
  const credentials = (role: string) => ({
    accessKeyId: `DEV${role}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  });
  return { region: REGION, credentials: { signer: credentials('SIGNER'), operator: credentials('OPERATOR') }, keys };
}

/** As AWS_SHARED_CREDENTIALS_FILE names one. */
const credentialsFile = ({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }) =>
  `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;

const guide = (
  stellar = '',
  evm = '',
) => `The stack is set up. The policy lets the API pay, among others, ${stellar} and ${evm}.
An API key: docker compose exec api /usr/local/bin/node dist/mint-api-key.js --name demo`;
