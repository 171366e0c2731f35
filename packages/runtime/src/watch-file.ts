import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

export interface WatchOptions {
  /** How often the file is looked at, whatever the system reports; 500 ms by default. */
  readonly pollMs?: number;
}

export interface FileWatch {
  close(): void;
}

/**
 * Calls `onChange` after each change of what `path` leads to: written in place, replaced by a rename (also of a symbolic
 * link on the way, as Kubernetes does it), deleted, created. Several changes at once may be one call. Polling decides;
 * the system's notifications only make it faster, and it does not keep the process alive.
 */
export function watchFile(path: string, onChange: () => void, { pollMs = 500 }: WatchOptions = {}): FileWatch {
  let last = fingerprint(path);
  const look = () => {
    const now = fingerprint(path);
    if (now === last) return;
    last = now;
    onChange();
  };
  const timer = setInterval(look, pollMs).unref();
  const watcher = watchFolder(dirname(path), look);
  return {
    close: () => {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

/** What changes whenever the file does; one fixed text while there is none. */
function fingerprint(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    return 'unreadable';
  }
}

function watchFolder(folder: string, look: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, look);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // The folder does not exist, or the system is out of watches: polling is enough.
    return undefined;
  }
}
