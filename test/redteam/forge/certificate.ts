import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

/** A leaf's certificate and key, PEM. */
interface Leaf {
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * A certificate with this SPIFFE ID that a leaf, which is no CA, has signed; the leaf's own certificate stands behind it, as
 * whoever verifies would need it. DER by hand (RFC 5280): no library signs as somebody who must not.
 */
export function signedByLeaf(issuer: Leaf, uri: string): Leaf {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuedBy = subjectOf(new X509Certificate(issuer.certificate).raw);
  const algorithm = sequence(oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  const names = sequence(tagged(0x86, Buffer.from(uri)));
  const usage = sequence(oid('2b06010505070302')); // clientAuth
  const toBeSigned = sequence(
    tagged(0xa0, integer(2)),
    integer(0x4d5a),
    algorithm,
    issuedBy,
    sequence(time(-3_600_000), time(3_600_000)),
    sequence(),
    publicKey.export({ format: 'der', type: 'spki' }),
    tagged(0xa3, sequence(extension('551d11', names), extension('551d25', usage))),
  );
  const signature = sign('sha256', toBeSigned, createPrivateKey(issuer.privateKey));
  const der = sequence(toBeSigned, algorithm, tagged(0x03, Buffer.of(0), signature));
  if (!new X509Certificate(der).verify(createPublicKey(issuer.certificate))) throw new Error('not signed by the leaf');
  const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
  return {
    certificate: pem + issuer.certificate,
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** The subject of a certificate, DER: the sixth element of what was signed, behind the version. */
function subjectOf(certificate: Buffer): Buffer {
  const [signed = Buffer.alloc(0)] = elements(certificate);
  const subject = elements(signed)[5];
  if (subject === undefined) throw new Error('expected a subject');
  return subject;
}

/** What stands inside a sequence, each with its head. */
function elements(der: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const [start, end] = span(der, 0);
  for (let at = start; at < end; ) {
    const [, next] = span(der, at);
    found.push(der.subarray(at, next));
    at = next;
  }
  return found;
}

/** Where the content of the element at an offset begins and ends. */
function span(der: Buffer, at: number): [number, number] {
  const first = der.readUInt8(at + 1);
  const size = first < 0x80 ? 0 : first - 0x80;
  const length = size === 0 ? first : der.readUIntBE(at + 2, size);
  return [at + 2 + size, at + 2 + size + length];
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts);
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'));
const integer = (value: number) =>
  tagged(0x02, Buffer.from(value.toString(16).padStart(value > 0xff ? 4 : 2, '0'), 'hex'));
const extension = (id: string, value: Uint8Array) => sequence(oid(id), tagged(0x04, value));

function time(fromNowMs: number): Buffer {
  const text = new Date(Date.now() + fromNowMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(text));
}
