import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { Payout } from '@countersign/contract/signer';

// The one approver, and a signature by SSHSIG (PROTOCOL.sshsig) and docs/ssh-signatures.md, written anew: nothing here is of
// packages/sshsig, which is what reads it.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const approver = createPrivateKey({
  key: Buffer.concat([PKCS8, Buffer.alloc(32, 21)]),
  format: 'der',
  type: 'pkcs8',
});
const raw = createPublicKey(approver).export({ format: 'der', type: 'spki' }).subarray(-32);
const publicKey = Buffer.concat([wire('ssh-ed25519'), wire(raw)]);

export const APPROVER = { name: 'alice', line: `ssh-ed25519 ${publicKey.toString('base64')}` };

/** What an approval is of: the payout as the request has it. A memo is text here, or none. */
export interface Approved extends Pick<Payout, 'payoutId' | 'destination' | 'asset' | 'amount'> {
  readonly keyId: string;
  readonly account: string;
  readonly memo: string | undefined;
  readonly expiresAt: bigint;
}

/** Ed25519 is deterministic: this is the only signature of the approver's that there is for these terms and this hash. */
export function approvalBy(terms: Approved, hash: 'sha512' | 'sha256' = 'sha512'): Uint8Array {
  const namespace = wire('countersign-approval');
  const digest = createHash(hash).update(statement(terms)).digest();
  const signed = Buffer.concat([Buffer.from('SSHSIG'), namespace, wire(''), wire(hash), wire(digest)]);
  const signature = Buffer.concat([wire('ssh-ed25519'), wire(sign(null, signed, approver))]);
  const head = [Buffer.from('SSHSIG\0\0\0\x01', 'latin1'), wire(publicKey), namespace, wire(''), wire(hash)];
  return new Uint8Array(Buffer.concat([...head, wire(signature)]));
}

function statement({ payoutId, keyId, account, destination, asset, amount, memo, expiresAt }: Approved): string {
  const network = asset.slice(0, asset.indexOf('/'));
  const lines = [
    'countersign approval v1',
    `payout: ${payoutId}`,
    `key: ${keyId}`,
    `account: ${account}`,
    `network: ${network}`,
    `destination: ${destination}`,
    `asset: ${asset}`,
    `amount: ${amount}`,
    `memo: ${memo === undefined ? 'none' : quoted(memo)}`,
    `expires: ${expiresAt}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function quoted(text: string): string {
  const written = text.replaceAll(/["\\]/g, '\\$&').replaceAll(/[^ -~]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${written}"`;
}

function wire(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
