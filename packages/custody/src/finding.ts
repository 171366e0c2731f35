/** One thing that was looked at, for whoever sets a key up. */
export interface Finding {
  /** For example `permission`. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found; never a secret. */
  readonly detail: string;
  /** What to do about it, where it is not as it has to be. */
  readonly advice?: string;
}
