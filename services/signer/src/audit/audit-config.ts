import type { KeysConfig } from '@countersign/custody/keys-config';
import type { SignerEnv } from '../config/env.ts';
import { type CheckpointKey, readCheckpointKey } from './checkpoint-key.ts';

/** Where the events of this replica go beside the database, and who vouches for them. */
export interface AuditConfig {
  readonly file: string | undefined;
  readonly stdout: boolean;
  /** A sink that is further behind stops signing. */
  readonly maxLagEvents: bigint;
  readonly maxLagSeconds: number;
  /** Without one there are no checkpoints. */
  readonly checkpointKey: CheckpointKey | undefined;
  readonly checkpointSeconds: number;
}

/** @throws ConfigError AUDIT_CHECKPOINT_KEY_FILE. */
export function auditConfig(vars: SignerEnv, keys: KeysConfig): AuditConfig {
  const keyFile = vars.AUDIT_CHECKPOINT_KEY_FILE;
  return {
    file: vars.AUDIT_FILE,
    stdout: vars.AUDIT_STDOUT === 'true',
    maxLagEvents: BigInt(vars.AUDIT_MAX_LAG_EVENTS),
    maxLagSeconds: vars.AUDIT_MAX_LAG_SECONDS,
    checkpointKey: keyFile === undefined ? undefined : readCheckpointKey(keyFile, keys),
    checkpointSeconds: vars.AUDIT_CHECKPOINT_SECONDS,
  };
}
