import { describe, expect, test } from '@jest/globals';
import { type Caller, type CallKind, createCallGate } from './call-gate.ts';

const API: Caller = { name: 'spiffe://countersign.dev/api', known: true };
const stranger = (name: string): Caller => ({ name, known: false });

function open(limits = { maxInFlight: 3, rate: { perSecond: 10, burst: 5 } }) {
  const time = { now: 0 };
  const gate = createCallGate(limits, () => time.now);
  /** Takes as many places as there are, up to 1,000. */
  const fill = (caller: Caller, kind: CallKind) => {
    const places: (() => void)[] = [];
    for (;;) {
      const place = gate.admit(caller, kind);
      if (typeof place === 'string' || places.length === 1_000) return { places, why: place };
      places.push(place);
    }
  };
  return { gate, fill, time };
}

describe('createCallGate', () => {
  test('a caller has so many calls under way, and the next when one of them ends', () => {
    const { gate, fill } = open();
    const { places, why } = fill(API, 'sign');
    expect([places.length, why]).toEqual([3, 'in_flight']);
    places[0]?.();
    expect(gate.admit(API, 'sign')).toBeInstanceOf(Function);
    expect(gate.admit(API, 'sign')).toBe('in_flight');
  });

  test('a place is given back once', () => {
    const { gate, fill } = open();
    const [first] = fill(API, 'sign').places;
    first?.();
    first?.();
    expect(gate.admit(API, 'sign')).toBeInstanceOf(Function);
    expect(gate.admit(API, 'sign')).toBe('in_flight');
  });

  test('a caller asks for so many signatures a second; reads have a rate of their own', () => {
    const { gate, time } = open({ maxInFlight: 100, rate: { perSecond: 10, burst: 2 } });
    const ask = () => {
      const place = gate.admit(API, 'sign');
      if (typeof place === 'string') return place;
      place();
      return 'admitted';
    };
    expect([ask(), ask(), ask()]).toEqual(['admitted', 'admitted', 'rate']);
    expect(gate.admit(API, 'read')).toBeInstanceOf(Function);
    time.now = 100;
    expect([ask(), ask()]).toEqual(['admitted', 'rate']);
  });

  test('what one caller does takes nothing from another', () => {
    const { gate, fill } = open();
    for (let i = 0; i < 1_000; i++) fill(stranger(`spiffe://x/${i}`), 'sign');
    expect(gate.admit(API, 'sign')).toBeInstanceOf(Function);
  });

  test('whom no policy names has little, and all of them together have little', () => {
    const { fill } = open({ maxInFlight: 1_000, rate: { perSecond: 1_000, burst: 1_000 } });
    expect(fill(stranger('spiffe://x/0'), 'sign').places).toHaveLength(8);
    let taken = 8;
    for (let i = 1; i < 2_000; i++) taken += fill(stranger(`spiffe://x/${i}`), 'read').places.length;
    expect(taken).toBe(64);
  });

  test('the watches of those whom no policy names are few together, and leave their calls the places', () => {
    const { fill } = open();
    let taken = 0;
    for (let i = 0; i < 100; i++) taken += fill(stranger(`spiffe://x/${i}`), 'watch').places.length;
    expect(taken).toBe(64);
    expect(fill(stranger('spiffe://prober'), 'read').places).toHaveLength(8);
  });

  test('whom policy names no more is forgotten, once nothing of theirs is under way', () => {
    const { gate, time } = open();
    const known = (name: string): Caller => ({ name: `spiffe://x/${name}`, known: true });
    const watch = gate.admit(known('watching'), 'watch');
    for (let i = 0; i < 1_000; i++) {
      const place = gate.admit(known(`${i}`), 'sign');
      if (typeof place === 'string') throw new Error(place);
      place();
      time.now += 10_000;
    }
    expect(gate.size).toBe(2);
    if (typeof watch !== 'string') watch();
    gate.admit(known('last'), 'sign');
    expect(gate.size).toBe(1);
  });

  test('watches are few, and take no place of a call', () => {
    const { fill } = open();
    expect(fill(API, 'watch').places).toHaveLength(8);
    expect(fill(API, 'sign').places).toHaveLength(3);
  });
});
