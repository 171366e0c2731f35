import { isTestCode, type ReachRule } from '../boundaries-rules.ts';
import type { ImportGraph } from './graph.ts';
import { fileIsIn, nameIsIn } from './targets.ts';

/** Violations of one rule, each with the way from the first file to what it may not reach; one a target and rule. */
export function checkReach(graph: ImportGraph, rule: ReachRule): string[] {
  const starts = [...graph.keys()].filter(
    (file) => fileIsIn(file, rule.from) && !fileIsIn(file, rule.notFrom ?? []) && (rule.alsoTests || !isTestCode(file)),
  );
  // Breadth first from all starts at once: each file is visited by its shortest way.
  const cameFrom = new Map<string, string | undefined>(starts.map((file) => [file, undefined]));
  const violations: string[] = [];
  for (const file of cameFrom.keys()) {
    for (const target of graph.get(file)?.imports ?? []) {
      if (target.kind === 'file' && fileIsIn(target.file, rule.never)) {
        violations.push(describe(cameFrom, file, target.file, rule));
      } else if (target.kind === 'file' && !cameFrom.has(target.file)) {
        cameFrom.set(target.file, file);
      } else if (
        target.kind === 'outside' &&
        nameIsIn(target.name, rule.never) &&
        !rule.except?.includes(target.name)
      ) {
        violations.push(describe(cameFrom, file, target.name, rule));
      }
    }
  }
  return violations;
}

function describe(cameFrom: ReadonlyMap<string, string | undefined>, last: string, target: string, rule: ReachRule) {
  const way = [last, target];
  for (let file = cameFrom.get(last); file !== undefined; file = cameFrom.get(file)) way.unshift(file);
  return `${way.join(' → ')}: ${rule.why}`;
}
