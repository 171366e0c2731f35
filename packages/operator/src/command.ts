/** What a command reads and writes, so that tests can call it without a process. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  out(text: string): void;
  err(text: string): void;
}

/** One command of `signerctl`, for example `policy check`. */
export interface Command {
  /** One word or two. */
  readonly name: string;
  /** What follows the name, for example `FILE [--json]`. */
  readonly parameters: string;
  /** One line. */
  readonly summary: string;
  /**
   * @param args what follows the name.
   * @returns the exit code: 0 done, 1 the answer is no, 2 cannot be answered.
   * @throws UsageError for arguments that make no sense.
   */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** The command line is not one; the message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
