import type { Attacker } from './attacker.ts';
import type { GuardName } from './guards.ts';

/** Where an attack comes in. */
export const RAILS = [
  'wall', // TLS, HTTP/2, gRPC
  'request', // the fields beside the transaction
  'stellar', // classic payments
  'authorization', // a Soroban authorization entry
  'invocation', // a Soroban envelope
  'evm',
  'erc20',
  'lanes',
  'custody', // what a key backend answers
  'files', // what a signer is started with
  'database',
] as const;
export type Rail = (typeof RAILS)[number];

/** One thing that an attacker tries, and how it ends. Data: it runs under Jest, and in the process that switches guards off. */
export interface Attack {
  /** kebab-case, unique. */
  readonly id: string;
  readonly rail: Rail;
  /** What is tried, for the table. */
  readonly title: string;
  /** A row of the claims in docs/threat-model.md. */
  readonly claim: string;
  /** What refuses it. */
  readonly guard: GuardName;
  /** How it ends: `CODE REASON…` for a refusal, or a few words that the attack itself says. */
  readonly refused: string;
  /** @returns how it ended. */
  run(attacker: Attacker): Promise<string>;
}

type Row = Pick<Attack, 'id' | 'title' | 'guard' | 'refused'>;

/** Attacks that have rail and claim in common: each row is id, title, guard, refusal and what `run` makes a run of. */
export function attacks<Step>(
  rail: Rail,
  claim: string,
  run: (step: Step) => Attack['run'],
  rows: readonly (readonly [Row['id'], Row['title'], Row['guard'], Row['refused'], Step])[],
): Attack[] {
  return rows.map(([id, title, guard, refused, step]) => ({ id, rail, claim, title, guard, refused, run: run(step) }));
}
