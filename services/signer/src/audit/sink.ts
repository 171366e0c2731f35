/** Where exported lines go. An implementation keeps the order, and may keep lines twice that it was given twice. */
export interface Sink {
  /** Names its cursor in the database, and its metrics. */
  readonly name: 'file' | 'stdout';
  /** Finds out whether it can be written to. */
  open(): Promise<void>;
  /**
   * @param lines whole lines, each ended by a line feed.
   * @returns once they are where they stay, as far as the sink can know; on a rejection none of them need be there.
   */
  write(lines: string): Promise<void>;
  close(): Promise<void>;
}
