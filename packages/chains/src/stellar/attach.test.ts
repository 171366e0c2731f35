import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Keypair, StrKey, TransactionBuilder } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { refusedWith } from '../../testing/refused.ts';
import { anyPayout, payoutOf, rustDecode } from '../../testing/stellar.ts';
import { attachStellarSignature, stellarAddress } from './attach.ts';
import { buildStellarPayout } from './build.ts';
import { decodeStellarTransaction } from './decode.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const rawPublicKey = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));

describe('a signature of node:crypto', () => {
  test('attached, is the one that the network will look for', () => {
    fc.assert(
      fc.property(anyPayout, (input) => {
        const { envelope, hash } = buildStellarPayout(input);
        const signed = attachStellarSignature(envelope, rawPublicKey, sign(null, hash, privateKey));

        const transaction = TransactionBuilder.fromXDR(Buffer.from(signed).toString('base64'), input.networkPassphrase);
        expect(new Uint8Array(transaction.hash())).toEqual(hash);
        const [signature] = transaction.signatures;
        expect(signature?.hint.value).toEqual(Keypair.fromPublicKey(stellarAddress(rawPublicKey)).signatureHint());
        expect(verify(null, transaction.hash(), publicKey, signature?.signature.value ?? new Uint8Array())).toBe(true);
      }),
    );
  });

  test('is all that is added', () => {
    const { envelope, hash } = buildStellarPayout(payoutOf());
    const signature = sign(null, hash, privateKey);
    const signed = attachStellarSignature(envelope, rawPublicKey, signature);
    expect(rustDecode(signed)).toEqual({
      tx: {
        ...Object(rustDecode(envelope)).tx,
        signatures: [
          { hint: Buffer.from(rawPublicKey.slice(-4)).toString('hex'), signature: signature.toString('hex') },
        ],
      },
    });
  });

  test('cannot be attached to what is signed already, which cannot be decoded either', () => {
    const { envelope, hash } = buildStellarPayout(payoutOf());
    const signature = sign(null, hash, privateKey);
    const signed = attachStellarSignature(envelope, rawPublicKey, signature);
    const refused = { code: 'ALREADY_SIGNED', field: 'transaction.signatures' };
    expect(refusedWith(() => attachStellarSignature(signed, rawPublicKey, signature))).toEqual(refused);
    expect(refusedWith(() => decodeStellarTransaction(payoutOf().networkPassphrase, signed))).toEqual(refused);
  });

  test.each([
    ['a key of 31 bytes', new Uint8Array(31), new Uint8Array(64), 'INVALID_PUBLIC_KEY', 'publicKey'],
    ['a key in hex', 'ab'.repeat(16) as never, new Uint8Array(64), 'INVALID_PUBLIC_KEY', 'publicKey'],
    ['a signature of 63 bytes', new Uint8Array(32), new Uint8Array(63), 'INVALID_SIGNATURE', 'signature'],
    ['a signature of 65 bytes', new Uint8Array(32), new Uint8Array(65), 'INVALID_SIGNATURE', 'signature'],
  ])('is refused with %s', (_name, key, signature, code, field) => {
    const { envelope } = buildStellarPayout(payoutOf());
    expect(refusedWith(() => attachStellarSignature(envelope, key, signature))).toEqual({ code, field });
  });
});

describe('an address', () => {
  test('is what the SDK reads back as the same key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        expect(StrKey.decodeEd25519PublicKey(stellarAddress(key))).toEqual(key);
      }),
    );
  });

  test('is the one of SEP-23', () => {
    const key = Buffer.from('3f0c34bf93ad0d9971d04ccc90f705511c838aad9734a4a2fb0d7a03fc7fe89a', 'hex');
    expect(stellarAddress(key)).toBe('GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ');
  });

  test('takes 32 bytes, not the SPKI around them', () => {
    const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    expect(refusedWith(() => stellarAddress(spki))).toEqual({ code: 'INVALID_PUBLIC_KEY', field: 'publicKey' });
  });
});
