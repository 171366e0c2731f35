// `node runtime.ts <folder>`: puts into the folder what Node itself needs to run with nothing else around it: the
// executable that runs this file, the shared libraries that it has loaded, and the few files that the C library reads.
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** Without a shell, a home or a password; the number is the one that distroless images use. */
const USER = { name: 'nonroot', id: 65532 };

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/:/sbin/nologin\n${USER.name}:x:${USER.id}:${USER.id}:${USER.name}:/:/sbin/nologin\n`,
  'etc/group': `root:x:0:\n${USER.name}:x:${USER.id}:\n`,
  'etc/nsswitch.conf': 'hosts: files dns\n',
};

/** Where a container mounts its scratch space and its configuration. */
const MOUNT_POINTS = ['tmp', 'run/countersign'];

function main(folder: string): void {
  place(process.execPath, join(folder, 'usr/local/bin/node'));
  for (const library of loadedLibraries()) place(library, join(folder, library));
  for (const [file, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  for (const point of MOUNT_POINTS) mkdirSync(join(folder, point), { recursive: true });
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(realpathSync(from), to);
}

/** The report names them as the loader found them: that is where the loader of the image looks. */
function loadedLibraries(): string[] {
  const report: unknown = process.report.getReport();
  const objects =
    typeof report === 'object' && report !== null && 'sharedObjects' in report ? report.sharedObjects : [];
  const libraries = Array.isArray(objects) ? objects.map(String).filter(isAbsolute) : [];
  if (!libraries.some((library) => /\/ld-[^/]*$/.test(library))) {
    throw new Error(`expected the libraries of Node, the loader among them; got ${libraries.join(', ') || 'none'}`);
  }
  return libraries;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected the folder to fill');
main(folder);
