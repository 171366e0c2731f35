const FLIPS = [0x01, 0x80, 0xff];
const TAGS = [0, 1, 2, 5];

/** Every encoding one step away: each byte with its low, its high or every bit flipped, made a small tag, dropped, doubled; each prefix; one to eight bytes more. */
export function* mutationsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const others = new Set([...FLIPS.map((flip) => byte ^ flip), ...TAGS].filter((other) => other !== byte));
    for (const other of others) yield bytes.with(at, other);
    yield Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1));
    yield Uint8Array.of(...bytes.subarray(0, at + 1), ...bytes.subarray(at));
    yield bytes.slice(0, at);
  }
  for (const filler of [0x00, 0x80, 0xff]) {
    for (let more = 1; more <= 8; more++) yield Uint8Array.of(...bytes, ...new Array(more).fill(filler));
  }
}
