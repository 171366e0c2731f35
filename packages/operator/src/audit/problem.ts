/** Where a log is not as it was written. */
export interface Problem {
  /** Absent where something is missing at the end. */
  readonly file?: string;
  readonly line?: number;
  readonly chain?: string;
  /** The event of the chain that is bad, or missing. */
  readonly sequence?: bigint;
  /** The checkpoint that is bad, or missing. */
  readonly checkpoint?: bigint;
  readonly problem: string;
}

/** A place in the files. */
export type Where = { readonly file: string; readonly line: number };
