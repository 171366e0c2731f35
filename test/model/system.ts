import { CountersignError } from '@countersign/contract/errors';
import { type InProcessSigner, openInProcess } from '@countersign/signer/in-process';
import type { Asked } from './asked.ts';
import { WatchedKeys } from './custody.ts';
import { Database } from './database.ts';
import type { Limits } from './limits.ts';
import type { Span } from './spending.ts';
import type { World } from './world.ts';

/** How a request ended. `words`: `signed`, `signed again` from the record, or the code and its reasons. */
export interface Answer {
  readonly words: string;
  readonly span: Span;
  readonly signed?: Signed;
}

export interface Signed {
  /** Hex. */
  readonly signature: string;
  readonly transaction: Uint8Array;
}

interface Bundle {
  readonly version: number;
  readonly limits: Limits;
}

const SIGN_TIMEOUT_MS = 150;

/** Two replicas of the real signer over one real Postgres, and whatever happens to them. */
export class System implements AsyncDisposable {
  readonly custody: WatchedKeys;
  readonly database: Database;
  readonly #world: World;
  readonly #url: string;
  readonly #replicas: InProcessSigner[] = [];
  /** What a replica reads when it is told to. */
  readonly #files: [Bundle, Bundle];
  #down: number | undefined;

  constructor(world: World, url: string, limits: Limits) {
    this.#world = world;
    this.#url = url;
    this.custody = new WatchedKeys(world.registry.keys);
    this.database = new Database(url);
    const first = { version: 1, limits };
    this.#files = [first, first];
  }

  async start(): Promise<void> {
    for (const replica of [0, 1]) this.#replicas[replica] = await this.#open(replica);
  }

  /** Where a call to a replica ends up: at the other one, while it is down. */
  routed(replica: number): number {
    return this.#down === replica ? 1 - replica : replica;
  }

  version(replica: number): number {
    return Number(this.#replica(replica).policyVersion());
  }

  async sign(replica: number, asked: Asked): Promise<Answer> {
    const from = this.database.now();
    const { words, signed } = await this.#replica(replica)
      .sign(asked.caller.certificate, asked.request)
      .then(
        ({ signature, signedTransaction, replayed }) => ({
          words: replayed ? 'signed again' : 'signed',
          signed: { signature: Buffer.from(signature).toString('hex'), transaction: signedTransaction },
        }),
        (error: unknown) => ({ words: wordsOf(error), signed: undefined }),
      );
    // The clock of JavaScript cuts off what is below a millisecond.
    const span = { from, to: this.database.now() + 1_000 };
    return signed === undefined ? { words, span } : { words, span, signed };
  }

  /** Puts another file before a replica, which reads it. */
  async setPolicy(replica: number, version: number, limits: Limits): Promise<void> {
    this.#files[replica === 1 ? 1 : 0] = { version, limits };
    await this.#replica(replica).reloadPolicy();
  }

  /** Cuts all connections of a replica; then it goes on, or another process takes its place. */
  async crash(replica: number, restart: boolean): Promise<void> {
    const areGone = await this.database.cut(nameOf(replica));
    if (restart) {
      const before = this.#replica(replica);
      this.#down = replica;
      await before.kill();
      await this.database.endLease(nameOf(replica));
      this.#replicas[replica] = await this.#open(replica);
      this.#down = undefined;
      await before[Symbol.asyncDispose]();
    }
    await areGone();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.#replicas) await replica[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
  }

  #replica(replica: number): InProcessSigner {
    const found = this.#replicas[replica];
    if (found === undefined) throw new Error(`expected a replica ${replica}`);
    return found;
  }

  #open(replica: number): Promise<InProcessSigner> {
    return openInProcess({
      databaseUrl: this.#url,
      name: nameOf(replica),
      keys: this.custody.keys,
      policy: () => {
        const { version, limits } = this.#files[replica === 1 ? 1 : 0];
        return this.#world.policy(version, limits);
      },
      signTimeoutMs: SIGN_TIMEOUT_MS,
    });
  }
}

export const nameOf = (replica: number): string => `model-${replica}`;

function wordsOf(error: unknown): string {
  if (!(error instanceof CountersignError)) throw error;
  return [error.code, ...error.reasons.map(({ code }) => code)].join(' ');
}
