import { createPublicKey } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import { publicKeyToAddress } from 'viem/accounts';
import { generateKeys } from './keys.ts';

test('seed, private key, public key and address of a treasury belong together', () => {
  const { stellar, evm } = generateKeys(0);
  const fromSeed = Keypair.fromSecret(stellar.seed);
  expect(fromSeed.publicKey()).toBe(stellar.address);
  expect(fromSeed.rawPublicKey()).toEqual(stellar.publicKey);
  expect(Keypair.fromRawEd25519Seed(stellar.privateKey).publicKey()).toBe(stellar.address);

  expect(evm.seed).toBe(Buffer.from(evm.privateKey).toString('hex'));
  // SubjectPublicKeyInfo of a compressed secp256k1 point: OpenSSL takes it, and gives both coordinates back.
  const prefix = Buffer.from('3036301006072a8648ce3d020106052b8104000a032200', 'hex');
  const key = createPublicKey({ key: Buffer.concat([prefix, evm.publicKey]), format: 'der', type: 'spki' });
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const coordinates = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  expect(publicKeyToAddress(`0x04${coordinates.toString('hex')}`)).toBe(evm.address);
});

test('every run has keys of its own', () => {
  const [one, two] = [generateKeys(2), generateKeys(2)];
  const all = [one, two].flatMap(({ stellar, evm, admin, channels }) => [
    stellar.seed,
    evm.seed,
    admin.secret(),
    ...channels.map((channel) => channel.secret()),
  ]);
  expect(new Set(all).size).toBe(10);
});
