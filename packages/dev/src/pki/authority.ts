import { randomBytes, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/** What a leaf certificate says. All names go into the subject alternative name; the subject itself identifies nobody. */
export interface LeafTerms {
  /** The common name: for people who read the file. */
  readonly name: string;
  readonly usage: 'serverAuth' | 'clientAuth';
  /** URI SANs; a SPIFFE identity has exactly one. */
  readonly uris: readonly string[];
  readonly dns: readonly string[];
  readonly ips: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate and its private key (PKCS#8), both PEM. */
export interface KeyPairPem {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A certificate authority whose private key exists in this process's memory alone. */
export interface Authority {
  /** The self-signed certificate, PEM. */
  readonly certificate: string;
  /** Makes a fresh ECDSA P-256 key and certifies it (RFC 5280). */
  certify(terms: LeafTerms): Promise<KeyPairPem>;
}

/** Makes a certificate authority: ECDSA P-256, path length 0, allowed to sign certificates and nothing else. */
export async function createAuthority(
  name: string,
  validity: { readonly notBefore: Date; readonly notAfter: Date },
): Promise<Authority> {
  const keys = await generateKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [name] }],
    ...validity,
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  async function certify(terms: LeafTerms): Promise<KeyPairPem> {
    const leaf = await generateKeys();
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [terms.name] }],
      issuer: root.subjectName,
      notBefore: terms.notBefore,
      notAfter: terms.notAfter,
      publicKey: leaf.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage[terms.usage]]),
        ...alternativeNames(terms),
        await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        await SubjectKeyIdentifierExtension.create(leaf.publicKey),
      ],
    });
    return { certificate: certificate.toString('pem'), privateKey: await exportPrivateKey(leaf.privateKey) };
  }

  return { certificate: root.toString('pem'), certify };
}

function alternativeNames({ uris, dns, ips }: LeafTerms): SubjectAlternativeNameExtension[] {
  const names = [
    ...uris.map((value) => ({ type: 'url' as const, value })),
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...ips.map((value) => ({ type: 'ip' as const, value })),
  ];
  // RFC 5280 §4.2.1.6: the extension, when present, holds at least one name.
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)];
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
}

async function exportPrivateKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** 127 random bits, positive and never zero (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
