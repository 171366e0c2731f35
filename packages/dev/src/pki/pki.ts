import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, createAuthority, type KeyPairPem } from './authority.ts';

/** The identities of the dev stack (SPIFFE IDs). */
export const SPIFFE_IDS = {
  signer: 'spiffe://countersign.dev/signer',
  api: 'spiffe://countersign.dev/api',
  operator: 'spiffe://countersign.dev/operator',
} as const;

const DAY_MS = 86_400_000;
/** Tolerates clocks that disagree a little, containers for example. */
const SKEW_MS = 300_000;
const LEAF_LIFETIME_MS = 7 * DAY_MS;
const AUTHORITY_LIFETIME_MS = 8 * DAY_MS;

/** A certificate with its key, in files (the key's with mode 0600) and as text. */
export interface Credentials extends KeyPairPem {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate to make. Without names it carries none; without dates it is valid now, for a few days. */
export interface IssueRequest {
  /** Names the files (`<name>.crt`, `<name>.key`) and the common name. Characters: a–z, 0–9 and `-`. */
  readonly name: string;
  /** Whose signature it carries; `api` unless said otherwise. */
  readonly authority?: 'api' | 'operator';
  /** `clientAuth` unless said otherwise. */
  readonly usage?: 'clientAuth' | 'serverAuth';
  readonly uris?: readonly string[];
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** The dev stack's certificates. Two authorities: neither trusts what the other has signed. */
export interface DevPki {
  readonly dir: string;
  /** `api-ca`: signs the signer's server certificate and the API's client certificate. */
  readonly apiCaFile: string;
  /** `operator-ca`: signs operators' client certificates. */
  readonly operatorCaFile: string;
  readonly signer: Credentials;
  readonly api: Credentials;
  readonly operator: Credentials;
  /** Makes one more certificate. Its files replace those of an earlier one with the same name. */
  issue(request: IssueRequest): Promise<Credentials>;
}

/**
 * Makes two certificate authorities and the three certificates of the dev stack in `dir`, which is created with mode 0700
 * when it is missing. The authorities' private keys are never written: they end with this process.
 */
export async function createDevPki(dir: string): Promise<DevPki> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const [api, operator] = await Promise.all([openAuthority('api-ca'), openAuthority('operator-ca')]);
  const authorities = { api: api.authority, operator: operator.authority };

  async function openAuthority(name: string): Promise<{ authority: Authority; file: string }> {
    const now = Date.now();
    const authority = await createAuthority(`countersign dev ${name}`, {
      notBefore: new Date(now - SKEW_MS),
      notAfter: new Date(now + AUTHORITY_LIFETIME_MS),
    });
    const file = join(dir, `${name}.crt`);
    await writeFile(file, authority.certificate);
    return { authority, file };
  }

  async function issue(request: IssueRequest): Promise<Credentials> {
    if (!/^[a-z0-9-]+$/.test(request.name)) {
      throw new Error(`name: expected a-z, 0-9 and "-", got ${JSON.stringify(request.name)}`);
    }
    const now = Date.now();
    const pair = await authorities[request.authority ?? 'api'].certify({
      name: request.name,
      usage: request.usage ?? 'clientAuth',
      uris: request.uris ?? [],
      dns: request.dns ?? [],
      ips: request.ips ?? [],
      notBefore: request.notBefore ?? new Date(now - SKEW_MS),
      notAfter: request.notAfter ?? new Date(now + LEAF_LIFETIME_MS),
    });
    const certFile = join(dir, `${request.name}.crt`);
    const keyFile = join(dir, `${request.name}.key`);
    await Promise.all([writeFile(certFile, pair.certificate), writePrivateKey(keyFile, pair.privateKey)]);
    return { ...pair, certFile, keyFile };
  }

  const [signerPair, apiPair, operatorPair] = await Promise.all([
    issue({ name: 'signer', usage: 'serverAuth', uris: [SPIFFE_IDS.signer], dns: ['localhost'], ips: ['127.0.0.1'] }),
    issue({ name: 'api', uris: [SPIFFE_IDS.api] }),
    issue({ name: 'operator', authority: 'operator', uris: [SPIFFE_IDS.operator] }),
  ]);

  return {
    dir,
    apiCaFile: api.file,
    operatorCaFile: operator.file,
    signer: signerPair,
    api: apiPair,
    operator: operatorPair,
    issue,
  };
}

async function writePrivateKey(file: string, pem: string): Promise<void> {
  await writeFile(file, pem, { mode: 0o600 });
  // The mode above counts only for a file that did not exist.
  await chmod(file, 0o600);
}
