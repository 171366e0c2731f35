import { KmsError } from './kms-error.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who may call: the signing service, and whoever manages keys. */
export type Role = 'signer' | 'operator';

export interface Identity {
  readonly role: Role;
  readonly accessKeyId: string;
  readonly arn: string;
}

/** The least that signing needs. An operator may do everything. */
const SIGNER_MAY = new Set(['Sign', 'Verify', 'GetPublicKey', 'DescribeKey']);

export function identityOf(role: Role, accessKeyId: string, account: string): Identity {
  return { role, accessKeyId, arn: `arn:aws:iam::${account}:user/countersign-${role}` };
}

/** @throws KmsError `AccessDeniedException` */
export function authorize(identity: Identity, operation: string): void {
  if (identity.role === 'operator' || SIGNER_MAY.has(operation)) return;
  const action = `kms:${operation}`;
  throw new KmsError(
    'AccessDeniedException',
    `User: ${identity.arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
  );
}
