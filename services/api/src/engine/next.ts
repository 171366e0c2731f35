/** When a unit of work wants to be worked on again. */
export type Next =
  /** There is more to do at once. */
  | { readonly when: 'now' }
  | { readonly when: 'after'; readonly ms: number }
  /** Something that is needed does not answer: later and later. */
  | { readonly when: 'backoff' }
  /** When somebody pokes it. */
  | { readonly when: 'poked' };

export const NOW: Next = { when: 'now' };
export const BACKOFF: Next = { when: 'backoff' };
export const POKED: Next = { when: 'poked' };

export function after(ms: number): Next {
  return { when: 'after', ms };
}
