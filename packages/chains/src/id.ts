/** How payouts, keys and requests are named on both sides of the wall. */
export const ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** The same in words, for a message. */
export const ID_IN_WORDS = '1–64 characters of [A-Za-z0-9._:-]';
