import { rustDecode, rustEncode } from '@countersign/chains/testing/stellar';
import { mutateBytes } from '../bytes.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';
import { collect, type Json, mutateTree, type Pool } from '../tree.ts';

/**
 * Changes XDR of a type: half of the time its tree, written again by the Rust library, so that it stays XDR of that type with
 * other parts in it; otherwise, or where that is no XDR, its bytes.
 */
export function xdrMutator(type: string, seeds: readonly Uint8Array[], parts: readonly Json[]): Target['mutate'] {
  const pool: Pool = new Map();
  for (const part of parts) collect(pool, part);
  for (const seed of seeds) collect(pool, asTree(seed, type) ?? null);
  return (random, input, corpus) => {
    const inTree = random.once(4) ? undefined : mutatedTree(random, input, type, pool);
    if (inTree === undefined) return mutateBytes(random, input, corpus);
    return random.once(8) ? mutateBytes(random, inTree, corpus) : inTree;
  };
}

function mutatedTree(random: Random, input: Uint8Array, type: string, pool: Pool): Uint8Array | undefined {
  let tree = asTree(input, type);
  let written: Uint8Array | undefined;
  // A change that is no XDR of this type is dropped, and the next one tried.
  for (let wanted = random.pick([1, 1, 2, 3]), tries = 5; tree !== undefined && wanted > 0 && tries > 0; tries--) {
    const changed = mutateTree(random, tree, pool);
    const bytes = asBytes(changed, type);
    if (bytes === undefined) continue;
    tree = changed;
    written = bytes;
    wanted--;
  }
  return written;
}

function asTree(bytes: Uint8Array, type: string): Json | undefined {
  try {
    return rustDecode(bytes, type) as Json;
  } catch {
    return undefined;
  }
}

function asBytes(tree: Json, type: string): Uint8Array | undefined {
  try {
    return rustEncode(tree, type);
  } catch {
    return undefined;
  }
}
