import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@countersign/dev/authority';
import type { Part } from '@countersign/dev/find-part';
import { freePorts } from '@countersign/dev/free-ports';
import { z } from 'zod';
import { answers, startProgram } from './program.ts';

const initSchema = z.object({ keys_base64: z.tuple([z.string()]), root_token: z.string() });
const authSchema = z.object({ auth: z.object({ client_token: z.string() }) });
const keySchema = z.object({
  data: z.object({ latest_version: z.number(), keys: z.record(z.string(), z.object({ public_key: z.string() })) }),
});

export interface AskOptions {
  readonly body?: object;
  readonly namespace?: string;
}

/** An OpenBao with a Transit engine at `transit`, as a process of this test; what is asked of it here is asked by root. */
export interface OpenBao {
  /** Over http and over TLS, by an address that the certificate names. */
  readonly url: string;
  readonly tlsUrl: string;
  readonly caFile: string;
  /** For files of the test. */
  readonly folder: string;
  ask(method: string, path: string, options?: AskOptions): Promise<unknown>;
  createKey(name: string, terms?: object): Promise<void>;
  /** The public key of a version, or of the latest, in hex. */
  publicKey(name: string, version?: number): Promise<string>;
  /** A token that may do what rules (HCL) allow, and with these terms of auth/token/create. */
  createToken(rules: string, terms?: object): Promise<string>;
  /** Writes a token's file as an agent does it: another one in its place. */
  writeToken(file: string, token: string, mode?: number): Promise<string>;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  /** Killed, started again and unsealed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What the signer needs of a vault. */
export const SIGNER_RULES = `
path "transit/keys/*" { capabilities = ["read"] }
path "transit/sign/*" { capabilities = ["update"] }
`;

export async function startOpenBao(part: Part): Promise<OpenBao> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bao-'));
  const [port = 0, tlsPort = 0, cluster = 0, tlsCluster = 0] = await freePorts(4);
  const [url, tlsUrl] = [`http://127.0.0.1:${port}`, `https://127.0.0.1:${tlsPort}`];
  const tls = await writeCertificate(folder);
  const config = join(folder, 'config.json');
  await mkdir(join(folder, 'data'));
  const listeners = [
    { address: `127.0.0.1:${port}`, cluster_address: `127.0.0.1:${cluster}`, tls_disable: true },
    { address: `127.0.0.1:${tlsPort}`, cluster_address: `127.0.0.1:${tlsCluster}`, ...tls.listener },
  ];
  const settings = {
    storage: { raft: { path: join(folder, 'data'), node_id: 'one', performance_multiplier: 1 } },
    listener: listeners.map((tcp) => ({ tcp })),
    api_addr: url,
    cluster_addr: `http://127.0.0.1:${cluster}`,
  };
  await writeFile(config, JSON.stringify(settings));

  let rootToken = '';
  const ask = async (method: string, path: string, { body, namespace }: AskOptions = {}): Promise<unknown> => {
    const headers = {
      'x-vault-token': rootToken,
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
    };
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}/v1/${path}`, { method, headers, ...json });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: expected success, got ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const start = () =>
    startProgram({
      name: part.name,
      command: [part.file, 'server', `-config=${config}`],
      folder,
      isUp: () => answers(`${url}/v1/sys/seal-status`),
    });

  let kill = await start();
  const init = initSchema.parse(await ask('PUT', 'sys/init', { body: { secret_shares: 1, secret_threshold: 1 } }));
  const [key] = init.keys_base64;
  rootToken = init.root_token;
  const unseal = async () => {
    await ask('PUT', 'sys/unseal', { body: { key } });
    // It is a standby of itself for a moment.
    while (!(await fetch(`${url}/v1/sys/health`)).ok);
  };
  await unseal();
  await ask('POST', 'sys/mounts/transit', { body: { type: 'transit' } });
  let policies = 0;

  return {
    url,
    tlsUrl,
    caFile: tls.caFile,
    folder,
    ask,
    createKey: async (name, terms = {}) =>
      void (await ask('POST', `transit/keys/${name}`, { body: { type: 'ed25519', ...terms } })),
    async publicKey(name, version) {
      const { data } = keySchema.parse(await ask('GET', `transit/keys/${name}`));
      const { public_key: text } = data.keys[String(version ?? data.latest_version)] ?? { public_key: '' };
      return Buffer.from(text, 'base64').toString('hex');
    },
    async createToken(policy, terms = {}) {
      const name = `policy-${++policies}`;
      await ask('PUT', `sys/policies/acl/${name}`, { body: { policy } });
      const { auth } = authSchema.parse(
        await ask('POST', 'auth/token/create', { body: { policies: [name], ...terms } }),
      );
      return auth.client_token;
    },
    async writeToken(name, token, mode = 0o600) {
      const file = join(folder, name);
      await writeFile(`${file}.new`, `${token}\n`);
      await chmod(`${file}.new`, mode);
      await rename(`${file}.new`, file);
      return file;
    },
    seal: async () => void (await ask('PUT', 'sys/seal')),
    unseal,
    async restart() {
      await kill();
      kill = await start();
      await unseal();
    },
    async stop() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

/** A CA of its own, and a certificate by it for 127.0.0.1. */
async function writeCertificate(folder: string) {
  const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) };
  const authority = await createAuthority('Vault CA', validity);
  const names = { name: 'vault', usage: 'serverAuth', uris: [], dns: [], ips: ['127.0.0.1'] } as const;
  const { certificate, privateKey } = await authority.certify({ ...names, ...validity });
  const [caFile, certFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await Promise.all([
    writeFile(caFile, authority.certificate),
    writeFile(certFile, certificate),
    writeFile(keyFile, privateKey, { mode: 0o600 }),
  ]);
  return { caFile, listener: { tls_cert_file: certFile, tls_key_file: keyFile } };
}
