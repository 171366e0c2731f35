import { z } from 'zod';

// The patterns are for editors, by the JSON Schema. What a word is held to is its parser, which says more, and says it of every word.

/** A decimal number, as `parseAmount` reads it. */
export const DECIMAL = z.string().meta({ pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$' });
/** `G…` */
export const STELLAR_ACCOUNT = z.string().meta({ pattern: '^G[A-Z2-7]{55}$' });
/** `G…`, `M…` or `C…` */
export const STELLAR_ADDRESS = z.string().meta({ pattern: '^([GC][A-Z2-7]{55}|M[A-Z2-7]{68})$' });
export const EVM_ADDRESS = z.string().meta({ pattern: '^0x[0-9a-fA-F]{40}$' });

const MAX_WINDOW_SECONDS = 31_622_400; // a leap year

/** The length of a window. */
export const SECONDS = z.int().min(1).max(MAX_WINDOW_SECONDS);
