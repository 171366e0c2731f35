import {
  constants,
  createCipheriv,
  createECDH,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import {
  CreateKeyCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  KMSClient,
} from '@aws-sdk/client-kms';

export interface OperatorAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const KEY_SPECS = { ed25519: 'ECC_NIST_EDWARDS25519', secp256k1: 'ECC_SECG_P256K1' } as const;

/** Imports a private key of 32 bytes into a new key of a KMS, as an operator would. @returns the key id */
export async function importKey(
  { endpoint, region, ...credentials }: OperatorAccess,
  algorithm: keyof typeof KEY_SPECS,
  secret: Uint8Array,
): Promise<string> {
  const client = new KMSClient({ endpoint, region, credentials });
  try {
    const { KeyMetadata } = await client.send(
      new CreateKeyCommand({ KeySpec: KEY_SPECS[algorithm], KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' }),
    );
    const KeyId = KeyMetadata?.KeyId ?? '';
    await importMaterial(client, KeyId, pkcs8Of(algorithm, secret));
    return KeyId;
  } finally {
    client.destroy();
  }
}

/** @param change laid over the request that would do it. */
export async function importMaterial(
  client: KMSClient,
  KeyId: string,
  material: Uint8Array,
  change: (encrypted: Buffer) => Partial<ConstructorParameters<typeof ImportKeyMaterialCommand>[0]> = () => ({}),
): Promise<void> {
  const { ImportToken, PublicKey = new Uint8Array() } = await client.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: 'RSA_AES_KEY_WRAP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
  );
  const EncryptedKeyMaterial = wrapped(
    createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }),
    material,
  );
  const ExpirationModel = 'KEY_MATERIAL_DOES_NOT_EXPIRE';
  await client.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken,
      EncryptedKeyMaterial,
      ExpirationModel,
      ...change(EncryptedKeyMaterial),
    }),
  );
}

/**
 * RSA_AES_KEY_WRAP_SHA_256: a new AES key by RSA-OAEP, then the material by AES key wrap with padding (RFC 5649).
 * https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
 */
function wrapped(key: KeyObject, material: Uint8Array): Buffer {
  const aes = randomBytes(32);
  const wrap = createCipheriv('id-aes256-wrap-pad', aes, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([
    publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, aes),
    wrap.update(material),
    wrap.final(),
  ]);
}

/** PKCS#8, DER, of a private key of 32 bytes. */
export function pkcs8Of(algorithm: keyof typeof KEY_SPECS, secret: Uint8Array): Buffer {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  // RFC 8410, section 7.
  if (algorithm === 'ed25519') return Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret]);
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const [x, y] = [base64(point.subarray(1, 33)), base64(point.subarray(33))];
  const key = createPrivateKey({ key: { kty: 'EC', crv: 'secp256k1', d: base64(secret), x, y }, format: 'jwk' });
  return key.export({ format: 'der', type: 'pkcs8' });
}
