import { readFileSync } from 'node:fs';

/** Whether a crash would leave a file with all that is in memory: the kernel's limit on core files (Linux) is not 0. */
export function coreDumpsAllowed(limitsFile = '/proc/self/limits'): boolean {
  try {
    const [, soft] = /^Max core file size\s+(\S+)/m.exec(readFileSync(limitsFile, 'utf8')) ?? [];
    return soft !== undefined && soft !== '0';
  } catch {
    // Another system: nothing is known.
    return false;
  }
}
