import type { ChainLink } from './chain.ts';

/** An event as it is exported: one JSON object a line, ended by a line feed. `event` is its JSON. */
export function eventLine({
  chain,
  sequence,
  previousHash,
  hash,
  event,
}: ChainLink & { chain: string; event: string }) {
  const place = JSON.stringify({ chain, sequence: `${sequence}`, previousHash, hash });
  return `${place.slice(0, -1)},"event":${event}}\n`;
}

/** A checkpoint as it is exported. `statement` is the JSON that was signed. */
export function checkpointLine({ statement, signature }: { readonly statement: string; readonly signature: string }) {
  return `{"checkpoint":${statement},"signature":${JSON.stringify(signature)}}\n`;
}
