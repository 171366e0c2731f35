import { readBytes } from '@countersign/runtime/text-file';

/** A file as it was read: what is signed is its bytes. */
export interface BundleFile {
  /** What problems call it. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** The two files that are signed together. */
export interface BundleFiles {
  readonly policy: BundleFile;
  readonly keys: BundleFile;
}

type Each = Readonly<Record<keyof BundleFiles, string>>;

/**
 * @param paths where the files are.
 * @param names what to call one that cannot be read, where that is not its path.
 * @param read reads one of them.
 * @throws ConfigError
 */
export function readBundle(paths: Each, names: Each = paths, read = readBytes): BundleFiles {
  return {
    policy: { file: paths.policy, bytes: read(paths.policy, names.policy) },
    keys: { file: paths.keys, bytes: read(paths.keys, names.keys) },
  };
}
