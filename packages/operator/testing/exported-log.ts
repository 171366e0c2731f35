import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type ChainHead, GENESIS_HASH, link } from '@countersign/audit/chain';
import { checkpointHash, checkpointStatement, keyFingerprint, signCheckpoint } from '@countersign/audit/checkpoint';
import type { AuditEvent } from '@countersign/audit/event';
import { checkpointLine, eventLine } from '@countersign/audit/line';
import { anEvent } from '@countersign/audit/testing/an-event';

/** Writes a log as signers do: with packages/audit, which the commands under test know nothing of. */
export interface LogWriter {
  readonly publicKey: KeyObject;
  event(chain: string, event?: AuditEvent): string;
  checkpoint(): string;
  head(chain: string): ChainHead;
}

export function openLogWriter({ privateKey, publicKey } = generateKeyPairSync('ed25519')): LogWriter {
  const heads = new Map<string, ChainHead>();
  let [number, previousHash] = [0n, GENESIS_HASH];
  return {
    publicKey,
    event: (chain, event = anEvent()) => {
      const next = link(chain, heads.get(chain), event);
      heads.set(chain, next);
      // Spaces as Postgres writes them.
      return eventLine({ chain, ...next, event: JSON.stringify(event).replace(/^\{"/, '{ "') });
    },
    checkpoint: () => {
      number++;
      const statement = checkpointStatement({
        number,
        time: '2026-11-21T20:00:00.000Z',
        previousHash,
        key: keyFingerprint(publicKey),
        heads: [...heads].map(([chain, { sequence, hash }]) => ({ chain, sequence, hash })),
      });
      previousHash = checkpointHash(statement);
      return checkpointLine({ statement, signature: signCheckpoint(statement, privateKey) });
    },
    head: (chain) => heads.get(chain) ?? { sequence: 0n, hash: GENESIS_HASH },
  };
}
