import { shown } from './supervise.ts';
import type { Answer } from './worker.ts';

/** What a run of one target came to, in a few lines. */
export function describeAnswer(answer: Answer): string {
  if ('failure' in answer) {
    const { target, failure, input, execution } = answer;
    return `${target}: FOUND at execution ${execution}: ${failure}\n  input: ${shown(input)}`;
  }
  const { target, report, complaints } = answer;
  const { executions, accepted, seconds, reasons, kinds, slow, slowest, growth, greediest } = report;
  return [
    `${target}: ${executions} executions, ${Math.round(executions / seconds)}/s, ${accepted} accepted in ${kinds.size} shapes, ` +
      `${reasons.size} reasons of refusal`,
    `  99.99 % within ${slow.toFixed(1)} ms, slowest ${slowest.toFixed(0)} ms; heap grew by ${kib(growth)} KiB; ` +
      `one input of ${greediest.length} bytes took ${kib(greediest.allocated)} KiB`,
    ...complaints.map((complaint) => `  WRONG: ${complaint}`),
  ].join('\n');
}

const kib = (bytes: number): number => Math.round(bytes / 1024);
