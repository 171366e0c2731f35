import { z } from 'zod';

/** Text of 1 to `max` characters that Postgres can store and a log can show: no control characters, no lone surrogates. */
export const plainText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), {
      error: 'expected text without control characters',
      params: { code: 'INVALID_CHARACTERS' },
    });
