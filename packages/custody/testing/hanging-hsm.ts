import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Part } from '@countersign/dev/find-part';

/** A library whose signatures do not come back while it is silent; all else is the library behind it. */
export interface HangingHsm {
  readonly module: string;
  silence(): void;
  /** The calls that hang are answered. */
  speak(): void;
}

const SOURCE = fileURLToPath(new URL('hanging-hsm.c', import.meta.url));

/**
 * Compiled here and now, with the headers of the addon: whoever has built that has a compiler.
 * @param folder removing it lets go of all calls
 */
export function createHangingHsm(part: Part, folder: string): HangingHsm {
  const [module, silence] = [join(folder, 'hanging-hsm.so'), join(folder, 'silence')];
  const addon = dirname(createRequire(import.meta.url).resolve('pkcs11js/package.json'));
  const defined = [`-DLIBRARY="${part.file}"`, `-DSILENCE="${silence}"`, `-I${join(addon, 'includes', 'pkcs11')}`];
  execFileSync('cc', ['-shared', '-fPIC', '-o', module, ...defined, SOURCE, '-ldl'], { stdio: 'pipe' });
  return {
    module,
    silence: () => writeFileSync(silence, ''),
    speak: () => rmSync(silence, { force: true }),
  };
}
