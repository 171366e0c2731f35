import type { KeyObject } from 'node:crypto';
import { type BadEvent, type ChainCheck, type ChainResult, createChainCheck, type Witness } from './chain-check.ts';
import { createCheckpointCheck } from './checkpoint-check.ts';
import { type CheckpointLine, type EventLine, type Place, readLine } from './exported-line.ts';
import type { Problem, Where } from './problem.ts';
import { checkTransaction } from './transaction/check-transaction.ts';

export interface VerifyOptions {
  /** Public keys that checkpoints may be signed by. */
  readonly checkpointKeys: readonly KeyObject[];
  /** Where a chain is known to have come at least. */
  readonly expectedHeads: readonly Place[];
  /** Chains whose events are there; undefined for every one that a checkpoint names. */
  readonly chains: readonly string[] | undefined;
  /** Whether chains may begin in the middle. */
  readonly partial: boolean;
  /** How many of a chain's last events are kept, to be compared with witnesses. */
  readonly remembered?: number;
}

export interface Report {
  /** `unknown`: nothing bad was found, but nobody vouches for the log, or a witness was not heard. */
  readonly verdict: 'intact' | 'not intact' | 'unknown';
  /** The first of each chain, of the checkpoints, and of each event's own content; in the order of the files. */
  readonly problems: readonly Problem[];
  readonly chains: readonly (ChainResult & { readonly chain: string })[];
  readonly checkpoints: { readonly from: bigint; readonly to: bigint } | undefined;
  readonly transactions: { readonly checked: number; readonly withoutBytes: number };
  /** Lines that are there more than once, as after a crash. */
  readonly repeated: number;
  readonly notes: readonly string[];
}

export interface Verifier {
  nextFile(): void;
  line(text: string, where: Where): void;
  /** A last line without an end: it counts as not there. */
  torn(where: Where): void;
  end(): Report;
}

/** Checks an exported log line by line; what is kept grows with the checkpoints, not with the events. */
export function createVerifier(options: VerifyOptions): Verifier {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const chains = new Map<string, ChainCheck>();
  const broken = new Set<string>();
  const checkpoints = createCheckpointCheck(options.checkpointKeys);
  let checkpointsBroken = false;
  let repeated = 0;
  let checked = 0;
  let withoutBytes = 0;

  const isWanted = (chain: string): boolean => options.chains?.includes(chain) ?? true;

  function checkOf(chain: string): ChainCheck {
    const check = chains.get(chain) ?? createChainCheck(options.partial, options.remembered);
    chains.set(chain, check);
    return check;
  }

  function tell(chain: string, bad: BadEvent, where: Where | undefined): void {
    broken.add(chain);
    problems.push({ ...where, chain, ...bad });
  }

  function witness(witness: Witness, where: Where | undefined): void {
    const { chain } = witness;
    if (!isWanted(chain) || broken.has(chain)) return;
    const bad = checkOf(chain).witness(witness);
    if (bad !== undefined) tell(chain, bad, where);
  }

  function event(line: EventLine, where: Where): void {
    const { chain } = line;
    if (!isWanted(chain) || broken.has(chain)) return;
    const bad = checkOf(chain).event(line);
    if (bad === 'repeated') repeated++;
    else if (bad !== undefined) tell(chain, bad, where);
    else content(line, where);
  }

  /** The chain is as it was written; what was written is another question. */
  function content({ chain, sequence, event: { eventName, requestParameters } }: EventLine, where: Where): void {
    if (eventName !== 'ReserveSignature') return;
    if (requestParameters?.['unsignedTransaction'] === undefined) {
      withoutBytes++;
      return;
    }
    checked++;
    const problem = checkTransaction(requestParameters);
    if (problem !== undefined) problems.push({ ...where, chain, sequence, problem });
  }

  function checkpoint(line: CheckpointLine, where: Where): void {
    if (checkpointsBroken) return;
    const bad = checkpoints.checkpoint(line);
    if (bad === 'repeated') repeated++;
    else if (bad !== undefined) {
      checkpointsBroken = true;
      problems.push({ ...where, ...bad });
    } else for (const head of line.heads) witness({ ...head, says: `checkpoint ${line.number}` }, where);
  }

  for (const head of options.expectedHeads) witness({ ...head, says: '--expect-head' }, undefined);

  return {
    nextFile: checkpoints.nextFile,
    line: (text, where) => {
      const line = readLine(text);
      if (line.kind === 'event') event(line, where);
      else if (line.kind === 'checkpoint') checkpoint(line, where);
      else problems.push({ ...where, problem: line.problem });
    },
    torn: ({ file, line }) => void notes.push(`${file}:${line}: the last line has no end; it was left out`),
    end: () => {
      for (const chain of options.chains ?? []) checkOf(chain);
      for (const [chain, check] of chains) {
        if (broken.has(chain)) continue;
        const bad = check.end() ?? (check.result ? undefined : { sequence: 1n, problem: 'no event of it is here' });
        if (bad !== undefined) tell(chain, bad, undefined);
      }
      const gap = checkpointsBroken ? undefined : checkpoints.end();
      if (gap !== undefined) problems.push(gap);
      const doubts = doubtsOf();
      return {
        verdict: problems.length > 0 ? 'not intact' : doubts.length > 0 ? 'unknown' : 'intact',
        problems,
        chains: results(),
        checkpoints: checkpoints.result,
        transactions: { checked, withoutBytes },
        repeated,
        notes: [...notes, ...doubts, ...results().flatMap(uncovered)],
      };
    },
  };

  function results(): (ChainResult & { chain: string })[] {
    return [...chains].flatMap(([chain, { result }]) => (result === undefined ? [] : [{ chain, ...result }]));
  }

  function doubtsOf(): string[] {
    if (chains.size === 0) return ['there is no event in these files'];
    if (checkpoints.unsigned) return ['there are checkpoints, and no --checkpoint-key to check them with'];
    if (options.checkpointKeys.length > 0 && checkpoints.result === undefined)
      return ['there is no checkpoint in these files'];
    return [...chains].flatMap(([chain, { late }]) => (late === undefined ? [] : [unheard(chain, late)]));
  }
}

function unheard(chain: string, { says, sequence }: Witness): string {
  const where = `too far behind event ${sequence} of chain ${chain} to be compared with it`;
  return `${says} stands ${where}: give the file that ${says} is in before those of ${chain}`;
}

function uncovered({ chain, from, to, witnessed }: ChainResult & { chain: string }): string[] {
  const after = witnessed < from ? from - 1n : witnessed;
  if (after === to) return [];
  return [`chain ${chain}: nobody vouches for the end behind event ${after}: events cut off there would not be missed`];
}
