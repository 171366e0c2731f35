import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GENERATED = 'packages/contract/src/gen';

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** Generates into an empty folder and compares with what is committed, file by file, byte by byte. */
export async function compareGenerated(root: string, generate: (folder: string) => Promise<Outcome>): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-generated-'));
  try {
    const generated = await generate(folder);
    if (!generated.ok) return generated;
    const [fresh, committed] = [readTree(join(folder, GENERATED)), readTree(join(root, GENERATED))];
    const names = [...new Set([...fresh.keys(), ...committed.keys()])].sort();
    const stale = names.filter((name) => fresh.get(name) !== committed.get(name));
    const output = stale.map((name) => `${GENERATED}/${name} is not what proto/ says; run npm run generate`).join('\n');
    return { ok: fresh.size > 0 && stale.length === 0, output: fresh.size > 0 ? output : 'nothing was generated' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readTree(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}
