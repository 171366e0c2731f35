/** What a command reads and writes, so that tests can call it without a process. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  out(text: string): void;
  err(text: string): void;
  /** Asks a person; undefined where none is there. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Has text signed by a person's own SSH key: `ssh-keygen -Y sign`, armored. */
  sign(request: SignRequest): Promise<string>;
}

export interface SignRequest {
  readonly namespace: string;
  readonly message: string;
  /** The key's file, private or public. */
  readonly keyFile: string;
}

/** One command of `countersign`. */
export interface Command {
  /** One word or two. */
  readonly name: string;
  /** What follows the name. */
  readonly parameters: string;
  /** One line. */
  readonly summary: string;
  /** @param args what follows the name. @throws ClientError */
  run(args: readonly string[], io: Io): Promise<void>;
}
