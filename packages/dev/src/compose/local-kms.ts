import { z } from 'zod';

const TIMEOUT_MS = 10_000;

const createdSchema = z.object({ KeyMetadata: z.object({ KeyId: z.string() }) });
const publicKeySchema = z.object({ PublicKey: z.base64() });

/** A secp256k1 key that local-kms has made: such a key cannot be brought to it. */
export interface LocalKmsKey {
  readonly keyId: string;
  /** 65 bytes, uncompressed (SEC 1). */
  readonly publicKey: Uint8Array;
}

/** Makes a signing key. local-kms checks no signature, so none is made. */
export async function createLocalKmsKey(url: string): Promise<LocalKmsKey> {
  const created = await call(url, 'CreateKey', { KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' });
  const { KeyId: keyId } = createdSchema.parse(created).KeyMetadata;
  const { PublicKey: spki } = publicKeySchema.parse(await call(url, 'GetPublicKey', { KeyId: keyId }));
  return { keyId, publicKey: new Uint8Array(Buffer.from(spki, 'base64').subarray(-65)) };
}

/** Whether local-kms still has the key. */
export async function hasLocalKmsKey(url: string, keyId: string): Promise<boolean> {
  return call(url, 'DescribeKey', { KeyId: keyId }).then(
    () => true,
    () => false,
  );
}

async function call(url: string, operation: string, input: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`local-kms: ${operation}: ${response.status} ${text}`);
  return JSON.parse(text);
}
