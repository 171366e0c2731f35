import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltImage } from './dockerfile/build.ts';

/** The images of the services, and the one that is for development alone. */
export type Images = Readonly<Record<'api' | 'signer' | 'dev', BuiltImage>>;

export const SERVICES = ['api', 'signer'] as const;

/** Every file of an image, from its root; each once, whatever links lead to it. */
export function filesOf({ root }: BuiltImage): string[] {
  const visit = (at: string): string[] =>
    readdirSync(join(root, at), { withFileTypes: true }).flatMap((entry) => {
      const path = join(at, entry.name);
      return entry.isDirectory() ? visit(path) : entry.isFile() ? [path] : [];
    });
  return visit('');
}
