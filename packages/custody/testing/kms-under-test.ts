import { createPublicKey } from 'node:crypto';
import {
  CreateKeyCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms';
import type { Part } from '@countersign/dev/find-part';
import { startKms } from '@countersign/dev/kms';
import { type AwsOptions, createKmsClient } from '../src/aws-kms/aws-client.ts';
import type { Algorithm } from '../src/backend.ts';
import { type Emulator, REGION, startEmulator } from './emulator.ts';
import { pinned } from './textbook.ts';

export const ALGORITHMS = ['ed25519', 'secp256k1'] as const;

/** As AWS names them: https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html */
export const KEY_SPECS = { ed25519: 'ECC_NIST_EDWARDS25519', secp256k1: 'ECC_SECG_P256K1' } as const;

/** RFC 8032, 7.1, test 2; and the secret key 2, whose public key is 2G. */
export const SECRETS: Readonly<Record<Algorithm, { readonly secret: string; readonly public: string }>> = {
  ed25519: {
    secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    public: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  },
  secp256k1: {
    secret: '0000000000000000000000000000000000000000000000000000000000000002',
    public: '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5',
  },
};

export interface TestedKey {
  /** What Sign is asked with. */
  readonly id: string;
  /** In hex, as a keys file pins it; known otherwise than by the code under test. */
  readonly publicKey: string;
}

/** One KMS that the suite runs over. */
export interface KmsUnderTest {
  /** As the signer is configured for it, without anything between. */
  readonly aws: AwsOptions & { readonly endpoint: string; readonly region: string };
  /** With the rights of the signer. */
  readonly signer: KMSClient;
  /** With the rights to make and to change keys. */
  readonly operator: KMSClient;
  /** One key of each curve that this KMS has. */
  readonly keys: ReadonlyMap<Algorithm, TestedKey>;
  /** How many calls have reached it; undefined where it does not say. */
  calls(): number | undefined;
  close(): Promise<void>;
}

/** The project's own: it takes keys of our choice. */
export async function openDevKms(): Promise<KmsUnderTest> {
  const kms = await startKms({
    keys: ALGORITHMS.map((algorithm) => ({
      alias: `alias/${algorithm}`,
      algorithm,
      privateKey: SECRETS[algorithm].secret,
    })),
  });
  const aws = options(kms.url, kms.region, kms.credentials.signer);
  const operator = createKmsClient({ ...aws, credentials: kms.credentials.operator }, {});
  return {
    ...clients(aws, operator),
    keys: new Map(ALGORITHMS.map((one) => [one, { id: `alias/${one}`, publicKey: SECRETS[one].public }])),
    calls: () => kms.events().length,
    close: () => kms.close(),
  };
}

/** Somebody else's, as a process: its keys are made through the API. */
export async function openEmulator(part: Part, algorithms: readonly Algorithm[]): Promise<KmsUnderTest> {
  const emulator: Emulator = await startEmulator(part);
  try {
    const aws = options(emulator.url, REGION, { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret' });
    const { signer, operator } = clients(aws, createKmsClient(aws, {}));
    const keys = new Map<Algorithm, TestedKey>();
    for (const algorithm of algorithms) keys.set(algorithm, await createTestedKey(operator, algorithm));
    return { aws, signer, operator, keys, calls: () => undefined, close: () => emulator.stop() };
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}

/** @returns the key id */
export async function createKey(operator: KMSClient, KeySpec: KeySpec, KeyUsage: KeyUsageType): Promise<string> {
  const { KeyMetadata } = await operator.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
  if (KeyMetadata?.KeyId === undefined) throw new Error('CreateKey: expected a key id, got nothing');
  return KeyMetadata.KeyId;
}

async function createTestedKey(operator: KMSClient, algorithm: Algorithm): Promise<TestedKey> {
  const id = await createKey(operator, KEY_SPECS[algorithm], 'SIGN_VERIFY');
  const { PublicKey = new Uint8Array() } = await operator.send(new GetPublicKeyCommand({ KeyId: id }));
  const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  return { id, publicKey: pinned(key).toString('hex') };
}

const options = (endpoint: string, region: string, credentials: NonNullable<AwsOptions['credentials']>) =>
  ({ mode: 'development', endpoint, region, credentials, attemptTimeoutMs: 25_000 }) as const;

function clients<T extends AwsOptions>(aws: T, operator: KMSClient) {
  return { aws, signer: createKmsClient(aws, {}), operator };
}
