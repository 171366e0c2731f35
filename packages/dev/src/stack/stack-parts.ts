import type { DevPki } from '../pki/pki.ts';
import type { Postgres } from '../postgres/start-postgres.ts';
import type { AuditFiles } from './audit-files.ts';
import type { CustodyPath } from './configuration.ts';
import type { KeyId, StackKeys } from './keys.ts';
import type { PreparedKms } from './kms.ts';
import type { Recipients } from './recipients.ts';
import type { Urls } from './urls.ts';

/** The files that the services were given. */
export interface StackFiles {
  readonly keys: string;
  readonly policy: string;
  readonly flags: string;
  readonly chains: string;
}

/** What a stack has, beside the control of its processes. */
export interface StackParts {
  readonly urls: Urls;
  /** host:port of the wall (gRPC over mTLS 1.3). */
  readonly signerAddress: string;
  /** Authorizes requests to the API: `Authorization: Bearer <apiKey>`. */
  readonly apiKey: string;
  readonly files: StackFiles;
  /** The signer's audit log. */
  readonly audit: AuditFiles;
  readonly pki: DevPki;
  readonly keys: StackKeys;
  /** Credentials for the dev KMS; only the signer's process has its own. */
  readonly kmsAccess: PreparedKms['access'];
  readonly recipients: Recipients;
  /** Connection strings, each of the service's own role. */
  readonly databaseUrls: { readonly api: string; readonly signer: string };
  readonly postgres: Postgres<'api' | 'signer'>;
  /**
   * Moves a key to another custody path while the signer runs; resolves when the path is in force. A signer that started
   * with the key on `kms` was not given its seed, so the way back to `legacy` takes a restart.
   */
  setPath(key: KeyId, path: CustodyPath): Promise<void>;
}
