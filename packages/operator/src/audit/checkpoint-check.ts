import { createHash, type KeyObject, verify } from 'node:crypto';
import type { CheckpointLine } from './exported-line.ts';

export interface BadCheckpoint {
  readonly checkpoint: bigint;
  readonly problem: string;
}

/** The checkpoints of all files. Each file has them in order and without a gap, from some number on; all files have the same. */
export interface CheckpointCheck {
  /** @returns the problem, `repeated` where this checkpoint was there already, or undefined for a new one that is good. */
  checkpoint(line: CheckpointLine): BadCheckpoint | 'repeated' | undefined;
  nextFile(): void;
  /** @returns the first that no file has, among those that are there. */
  end(): BadCheckpoint | undefined;
  /** The first and the last. */
  readonly result: { readonly from: bigint; readonly to: bigint } | undefined;
  /** Whether there was one, and no key to check it with. */
  readonly unsigned: boolean;
}

const GENESIS = '0'.repeat(64);

/** @param keys public keys that checkpoints may be signed by; with none, no signature is checked. */
export function createCheckpointCheck(keys: readonly KeyObject[]): CheckpointCheck {
  const byFingerprint = new Map(keys.map((key) => [fingerprint(key), key]));
  const seen = new Map<bigint, Pick<CheckpointLine, 'hash' | 'previousHash'>>();
  let inFile: bigint | undefined;

  function problemOf(line: CheckpointLine): string | undefined {
    const { number, previousHash, key, signed, signature } = line;
    const publicKey = byFingerprint.get(key);
    if (keys.length > 0 && publicKey === undefined) return `it is signed by another key: ${key}`;
    if (publicKey && !verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64'))) {
      return 'its signature is not valid';
    }
    const known = seen.get(number);
    if (known !== undefined && known.hash !== line.hash) return 'a fork: two checkpoints with this number';
    const before = number === 1n ? GENESIS : seen.get(number - 1n)?.hash;
    if (before !== undefined && before !== previousHash) return `it follows ${previousHash}, expected ${before}`;
    const followed = seen.get(number + 1n)?.previousHash;
    if (followed !== undefined && followed !== line.hash) return `a fork: the next one follows ${followed}`;
    if (known === undefined && inFile !== undefined && number < inFile) return `it stands behind checkpoint ${inFile}`;
    return undefined;
  }

  return {
    checkpoint: (line) => {
      const { number } = line;
      const expected = inFile === undefined ? number : inFile + 1n;
      const repeated = seen.has(number);
      const problem = problemOf(line);
      if (problem !== undefined) return { checkpoint: number, problem };
      if (number > expected) {
        return { checkpoint: expected, problem: `it is missing: checkpoint ${number} stands in its place` };
      }
      seen.set(number, { hash: line.hash, previousHash: line.previousHash });
      if (inFile === undefined || number > inFile) inFile = number;
      return repeated ? 'repeated' : undefined;
    },
    nextFile: () => {
      inFile = undefined;
    },
    end: () => {
      const numbers = [...seen.keys()].toSorted((a, b) => (a < b ? -1 : 1));
      const gap = numbers.find((number, i) => i > 0 && number - 1n !== numbers[i - 1]);
      if (gap === undefined) return undefined;
      return { checkpoint: gap - 1n, problem: 'it is missing: the files end before it and begin behind it' };
    },
    get result() {
      const [first] = seen.keys();
      if (first === undefined) return undefined;
      let [from, to] = [first, first];
      for (const number of seen.keys()) {
        if (number < from) from = number;
        if (number > to) to = number;
      }
      return { from, to };
    },
    get unsigned() {
      return keys.length === 0 && seen.size > 0;
    },
  };
}

function fingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
