import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { createAuthority } from '@countersign/dev/authority';
import type { IssueRequest } from '@countersign/dev/pki';
import { SPIFFE_IDS } from '@countersign/dev/pki';
import { handshake } from '../../harness/handshake.ts';
import { refusalOf } from '../../harness/refusals.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { signedByLeaf } from '../forge/certificate.ts';
import { stellar } from '../forge/requests.ts';

interface Files {
  readonly certFile: string;
  readonly keyFile: string;
}
type Certificate = (t: Attacker) => Files | Promise<Files>;

/** Asks for a good payment with another certificate. */
const run = (certificate: Certificate) => (t: Attacker) =>
  t.disturb(async (port) => {
    const client = t.world.connect({ port }, { caFile: t.world.pki.apiCaFile, ...(await certificate(t)) });
    try {
      return await refusalOf(client.signTransaction(stellar(t)));
    } finally {
      client.close();
    }
  });

/** A certificate of the API's CA with these names. */
const issued =
  (request: Omit<IssueRequest, 'name'>): Certificate =>
  (t) =>
    t.world.pki.issue({ name: `redteam${t.payout().replace('po_', '-')}`, ...request });
const named = (...uris: string[]) => issued({ uris });

async function files(t: Attacker, pair: { certificate: string; privateKey: string }): Promise<Files> {
  const base = join(t.world.dir, `redteam-${t.payout()}`);
  await writeFile(`${base}.crt`, pair.certificate);
  await writeFile(`${base}.key`, pair.privateKey);
  return { certFile: `${base}.crt`, keyFile: `${base}.key` };
}

/** The name and the identity of the real ones, by a CA of the attacker's. */
const ownAuthority: Certificate = async (t) => {
  const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 3_600_000) };
  const authority = await createAuthority('countersign dev api-ca', validity);
  const leaf = { name: 'api', usage: 'clientAuth', uris: [SPIFFE_IDS.api], dns: [], ips: [], ...validity } as const;
  return files(t, await authority.certify(leaf));
};

/** A certificate that the API's own certificate has signed: the attacker has its key. */
const byApi: Certificate = (t) => files(t, signedByLeaf(t.world.pki.api, SPIFFE_IDS.api));

const HANDSHAKE = 'UNAVAILABLE';
const NOBODY = 'UNAUTHENTICATED';
const TRUST = 'certificates of one CA';
const ONE = 'one SPIFFE ID';
const FORM = 'SPIFFE IDs in one form';
const DENIED = 'POLICY_DENIED CALLER_NOT_ALLOWED';
const KNOWN = 'callers and their purposes';

/** Be somebody else. */
export const CERTIFICATES = attacks<Certificate>('wall', 'C3', run, [
  [
    'certificate-operator',
    'an operator’s certificate: another CA',
    TRUST,
    HANDSHAKE,
    ({ world }) => world.pki.operator,
  ],
  [
    'certificate-own-ca',
    'the API’s identity by a CA of the attacker’s with the same name',
    TRUST,
    HANDSHAKE,
    ownAuthority,
  ],
  ['certificate-by-leaf', 'an identity that the API’s certificate has signed, which is no CA', TRUST, HANDSHAKE, byApi],
  [
    'certificate-server',
    'the signer’s own certificate, turned around',
    TRUST,
    HANDSHAKE,
    ({ world }) => world.pki.signer,
  ],
  [
    'certificate-server-usage',
    'the API’s identity in a certificate for servers',
    TRUST,
    HANDSHAKE,
    issued({ uris: [SPIFFE_IDS.api], usage: 'serverAuth' }),
  ],
  [
    'certificate-expired',
    'a certificate that has expired',
    TRUST,
    HANDSHAKE,
    issued({
      uris: [SPIFFE_IDS.api],
      notBefore: new Date(Date.now() - 120_000),
      notAfter: new Date(Date.now() - 60_000),
    }),
  ],
  [
    'certificate-early',
    'a certificate of tomorrow',
    TRUST,
    HANDSHAKE,
    issued({ uris: [SPIFFE_IDS.api], notBefore: new Date(Date.now() + 3_600_000) }),
  ],
  [
    'identity-two',
    'two identities: the attacker’s and the API’s',
    ONE,
    NOBODY,
    named('spiffe://countersign.dev/attacker', SPIFFE_IDS.api),
  ],
  ['identity-twice', 'the API’s identity twice', ONE, NOBODY, named(SPIFFE_IDS.api, SPIFFE_IDS.api)],
  ['identity-none', 'no identity', ONE, NOBODY, issued({ dns: ['countersign.dev'] })],
  ['identity-dns', 'the API’s identity as a DNS name', ONE, NOBODY, issued({ dns: ['spiffe://countersign.dev/api'] })],
  [
    'identity-text',
    'a DNS name that reads like a second name, an identity',
    ONE,
    NOBODY,
    issued({ dns: [`x, URI:${SPIFFE_IDS.api}`] }),
  ],
  [
    'identity-injected',
    'an identity that reads like two',
    FORM,
    NOBODY,
    named(`spiffe://countersign.dev/x, URI:${SPIFFE_IDS.api}`),
  ],
  ['identity-https', 'a web address', FORM, NOBODY, named('https://countersign.dev/api')],
  ['identity-dots', 'a path with a dot in it', FORM, NOBODY, named('spiffe://countersign.dev/./api')],
  ['identity-climb', 'a path that climbs', FORM, NOBODY, named('spiffe://countersign.dev/attacker/../api')],
  ['identity-slash', 'a slash at the end', FORM, NOBODY, named('spiffe://countersign.dev/api/')],
  ['identity-double-slash', 'an empty part of the path', FORM, NOBODY, named('spiffe://countersign.dev//api')],
  ['identity-case', 'the trust domain in capitals', FORM, NOBODY, named('spiffe://COUNTERSIGN.DEV/api')],
  ['identity-query', 'a query behind the path', FORM, NOBODY, named('spiffe://countersign.dev/api?x')],
  ['identity-percent', 'a letter written by its number', FORM, NOBODY, named('spiffe://countersign.dev/%61pi')],
  ['identity-port', 'a port', FORM, NOBODY, named('spiffe://countersign.dev:443/api')],
  ['identity-user', 'a user before the trust domain', FORM, NOBODY, named('spiffe://attacker@countersign.dev/api')],
  ['identity-nul', 'a NUL behind the identity', FORM, NOBODY, named(`${SPIFFE_IDS.api}\0.attacker`)],
  [
    'identity-other-domain',
    'the API’s path in another trust domain',
    KNOWN,
    DENIED,
    named('spiffe://attacker.dev/api'),
  ],
  ['identity-prefix', 'an identity that begins as the API’s', KNOWN, DENIED, named('spiffe://countersign.dev/api2')],
  ['identity-child', 'an identity below the API’s', KNOWN, DENIED, named('spiffe://countersign.dev/api/admin')],
  ['identity-neighbour', 'another service of the same CA', KNOWN, DENIED, named('spiffe://countersign.dev/stranger')],
]);

type Handshake = (port: number, api: ConnectionOptions) => Promise<string>;

const shaking = (shake: Handshake) => (t: Attacker) =>
  t.disturb((port) => {
    const { pki } = t.world;
    return shake(port, {
      ca: readFileSync(pki.apiCaFile),
      cert: readFileSync(pki.api.certFile),
      key: readFileSync(pki.api.keyFile),
    });
  });

/** A session of a connection with the API's certificate, offered without the certificate. */
const resumed: Handshake = async (port, api) => {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'], ...api });
  let session: Buffer | undefined;
  socket.on('session', (ticket) => {
    session = ticket;
  });
  socket.on('error', () => undefined);
  await once(socket, 'data');
  socket.destroy();
  return session === undefined ? 'refused' : handshake(port, { ca: api.ca, session });
};

const plain: Handshake = (port) =>
  new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on('error', () => resolve('refused'));
    session.on('close', () => resolve('refused'));
    session.on('remoteSettings', () => resolve('open'));
  });

const TLS = 'TLS 1.3 alone';

/** Come in below the certificates. */
export const HANDSHAKES = attacks<Handshake>('wall', 'C3', shaking, [
  ['tls-no-certificate', 'no certificate', TRUST, 'refused', (port, { ca }) => handshake(port, { ca })],
  ['tls-1.2', 'TLS 1.2', TLS, 'refused', (port, api) => handshake(port, { ...api, maxVersion: 'TLSv1.2' })],
  ['tls-plain', 'no TLS', TLS, 'refused', plain],
  ['tls-resumption', 'a resumed session, in which nobody shows a certificate', 'no resumption', 'refused', resumed],
]);
