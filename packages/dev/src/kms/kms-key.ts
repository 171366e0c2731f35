import type { Material } from './key-material.ts';
import type { KeySpec, KeyUsage } from './key-spec.ts';
import { KmsError } from './kms-error.ts';

export interface KmsKey {
  readonly id: string;
  readonly arn: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly description: string;
  /** EXTERNAL for a key whose material was imported, or given at start. */
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  readonly createdAt: Date;
  /** https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
  state: 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport';
  /** Undefined while it waits to be imported. */
  material: Material | undefined;
  /** What was imported: the same material alone is taken again, also after it was deleted. */
  imported: { readonly digest: string; readonly validTo: Date | undefined } | undefined;
  deletionDate: Date | undefined;
}

/** Deletes material whose time is over, as KMS does. */
export function lastsUntil(key: KmsKey, now: Date): void {
  const end = key.imported?.validTo;
  if (key.material !== undefined && end !== undefined && end <= now) dropMaterial(key);
}

/** A key that waits for its deletion goes on to wait. */
export function dropMaterial(key: KmsKey): void {
  key.material = undefined;
  if (key.state !== 'PendingDeletion') key.state = 'PendingImport';
}

/**
 * The material of a key that may be used now.
 * @throws KmsError `DisabledException` or `KMSInvalidStateException`
 */
export function usableMaterial({ arn, state, material }: KmsKey): Material {
  if (state === 'Disabled') throw new KmsError('DisabledException', `${arn} is disabled.`);
  if (state !== 'Enabled' || material === undefined) throw invalidState(arn, state);
  return material;
}

const WORDS = { PendingDeletion: 'pending deletion', PendingImport: 'pending import' } as const;

export function invalidState(arn: string, state: KmsKey['state']): KmsError {
  const words = state === 'PendingDeletion' || state === 'PendingImport' ? WORDS[state] : state.toLowerCase();
  return new KmsError('KMSInvalidStateException', `${arn} is ${words}.`);
}
