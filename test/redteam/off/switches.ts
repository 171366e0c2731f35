import type { Switch } from './switch.ts';
import { APPROVE } from './switches/approve.ts';
import { AROUND } from './switches/around.ts';
import { DECIDE } from './switches/decide.ts';
import { DECODE } from './switches/decode.ts';
import { MATCH } from './switches/match.ts';
import { RESERVE } from './switches/reserve.ts';

/** Guards that are switched off one at a time. */
export const SWITCHES: readonly Switch[] = [...DECODE, ...MATCH, ...DECIDE, ...APPROVE, ...RESERVE, ...AROUND];
