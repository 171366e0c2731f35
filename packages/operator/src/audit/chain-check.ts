import type { EventLine, Place } from './exported-line.ts';

/** Somebody's word for where a chain had come. */
export interface Witness extends Place {
  /** For example `checkpoint 12`. */
  readonly says: string;
}

export interface BadEvent {
  readonly sequence: bigint;
  readonly problem: string;
}

export interface ChainResult {
  readonly from: bigint;
  readonly to: bigint;
  /** Of the last event. */
  readonly hash: string;
  /** The last event that a witness vouches for, with all before it; 0 where none does. */
  readonly witnessed: bigint;
}

/** The events of one chain, in the order of the files; the first bad one ends it. */
export interface ChainCheck {
  /** @returns the first problem of this chain. */
  event(line: EventLine): BadEvent | 'repeated' | undefined;
  /** @returns the first problem of this chain: a witness of another history. */
  witness(witness: Witness): BadEvent | undefined;
  /** @returns the first problem of this chain: events that a witness knows are missing at the end. */
  end(): BadEvent | undefined;
  /** The first witness that came too late to be compared: the event that it knows had been forgotten. */
  readonly late: Witness | undefined;
  readonly result: ChainResult | undefined;
}

// A crash repeats a few hundred events at most, and a checkpoint stands a moment behind what it covers.
const REMEMBERED = 65_536;
const GENESIS = '0'.repeat(64);

/**
 * @param partial whether the chain may begin in the middle: what came before is in files that are not given.
 * @param remembered how many of the last events witnesses can be compared with.
 */
export function createChainCheck(partial: boolean, remembered = REMEMBERED): ChainCheck {
  const hashes = new Map<bigint, string>();
  const ahead = new Map<bigint, Witness>();
  let first: bigint | undefined;
  let last: { readonly sequence: bigint; readonly hash: string } | undefined;
  let witnessed = 0n;
  let late: Witness | undefined;

  function judge(witness: Witness): BadEvent | undefined {
    const { sequence, hash, says } = witness;
    if (sequence > (last?.sequence ?? 0n)) {
      const other = ahead.get(sequence);
      ahead.set(sequence, witness);
      return other === undefined || other.hash === hash ? undefined : twoWitnesses(other, witness);
    }
    if (first !== undefined && sequence < first) return undefined; // the files begin later
    const ours = hashes.get(sequence);
    if (ours === undefined) {
      late ??= witness;
      return undefined;
    }
    if (ours !== hash) return bad(sequence, `${says} knows another event here, with the hash ${hash}`);
    if (sequence > witnessed) witnessed = sequence;
    return undefined;
  }

  function passWitness(sequence: bigint, hash: string): BadEvent | undefined {
    const witness = ahead.get(sequence);
    ahead.delete(sequence);
    if (witness === undefined) return undefined;
    if (witness.hash !== hash)
      return bad(sequence, `${witness.says} knows another event here, with the hash ${witness.hash}`);
    if (sequence > witnessed) witnessed = sequence;
    return undefined;
  }

  /** Witnesses of what came before the first event that is here. */
  function begin({ sequence, previousHash }: EventLine): BadEvent | undefined {
    first = sequence;
    const before = passWitness(sequence - 1n, previousHash);
    for (const [known] of ahead) if (known < sequence) ahead.delete(known);
    return before && bad(sequence, before.problem);
  }

  function repeated(line: EventLine): BadEvent | 'repeated' {
    const ours = hashes.get(line.sequence);
    if (ours === line.hash) return 'repeated';
    if (ours === undefined) return bad(line.sequence, 'it comes again, too far behind to be compared');
    return bad(line.sequence, `a fork: two events at this place, with the hashes ${ours} and ${line.hash}`);
  }

  return {
    event: (line) => {
      const { sequence, previousHash, hash, rehash } = line;
      if (rehash !== hash) return bad(sequence, `its content has the hash ${rehash}, expected ${hash}`);
      if (last !== undefined && sequence <= last.sequence) return repeated(line);
      const expected = (last?.sequence ?? 0n) + 1n;
      const begins = last === undefined && partial;
      if (!begins) {
        if (sequence !== expected) return bad(expected, `it is missing: event ${sequence} stands in its place`);
        const previous = last?.hash ?? GENESIS;
        if (previousHash !== previous) return bad(sequence, `it follows ${previousHash}, expected ${previous}`);
      }
      const problem = (last === undefined ? begin(line) : undefined) ?? passWitness(sequence, hash);
      last = { sequence, hash };
      hashes.set(sequence, hash);
      hashes.delete(sequence - BigInt(remembered));
      return problem;
    },
    witness: judge,
    end: () => {
      const missing = [...ahead.values()].toSorted((a, b) => (a.sequence < b.sequence ? 1 : -1))[0];
      if (missing === undefined) return undefined;
      const next = (last?.sequence ?? 0n) + 1n;
      return bad(next, `it is missing: ${missing.says} knows events up to ${missing.sequence}`);
    },
    get late() {
      return late;
    },
    get result() {
      return last && { from: first ?? last.sequence, to: last.sequence, hash: last.hash, witnessed };
    },
  };
}

function twoWitnesses(one: Witness, other: Witness): BadEvent {
  return bad(one.sequence, `a fork: ${one.says} knows the hash ${one.hash}, ${other.says} the hash ${other.hash}`);
}

const bad = (sequence: bigint, problem: string): BadEvent => ({ sequence, problem });
