import { readFileSync } from 'node:fs';

const CORE_PATTERN = '/proc/sys/kernel/core_pattern';

/**
 * Whether a crash would bring all that is in memory out of it: the kernel's limit on core files (Linux) is not 0, or it gives them to a
 * program, to which the limit does not apply (https://man7.org/linux/man-pages/man5/core.5.html).
 */
export function coreDumpsAllowed(limitsFile = '/proc/self/limits', patternFile = CORE_PATTERN): boolean {
  try {
    const [, soft] = /^Max core file size\s+(\S+)/m.exec(readFileSync(limitsFile, 'utf8')) ?? [];
    if (soft !== undefined && soft !== '0') return true;
    return readFileSync(patternFile, 'utf8').startsWith('|');
  } catch {
    // Another system: nothing is known.
    return false;
  }
}
