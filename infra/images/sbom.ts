// `node sbom.ts <sbom.cdx.json> <app> <rootfs>`: makes of pnpm's bill of materials, which lists whatever the lockfile
// names, one of the image: the packages that lie in <app>, and by their digests the files of <rootfs>, Node among them.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagesIn } from './packages-in.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
}

/** CycloneDX 1.6, as far as it is read here; what is not read stays as it is. */
interface Bom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const NODE = 'usr/local/bin/node';

function main(file: string, app: string, rootfs: string): void {
  const bom: Bom = JSON.parse(readFileSync(file, 'utf8'));
  const installed = new Set(packagesIn(app).map(({ name, version }) => `${name}@${version}`));
  const packages = bom.components.filter((component) => installed.has(idOf(component)));
  const listed = new Set(packages.map(idOf));
  const missing = [...installed].filter((id) => !listed.has(id));
  if (missing.length > 0) throw new Error(`pnpm's list lacks ${missing.join(', ')}`);
  const refs = new Set([bom.metadata.component, ...packages].map((component) => component['bom-ref']));
  const dependencies = bom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ dependsOn = [], ...rest }) => ({ ...rest, dependsOn: dependsOn.filter((ref) => refs.has(ref)) }));
  const components = [...packages, nodeOf(rootfs), ...filesOf(rootfs)];
  writeFileSync(file, `${JSON.stringify({ ...bom, components, dependencies }, undefined, 2)}\n`);
}

const idOf = ({ group, name, version }: Component): string => `${group ? `${group}/` : ''}${name}@${version}`;

function nodeOf(rootfs: string) {
  const { version } = process;
  return {
    type: 'platform',
    'bom-ref': `pkg:generic/node@${version}`,
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    hashes: [sha256(join(rootfs, NODE))],
  };
}

function filesOf(rootfs: string) {
  const files = readdirSync(rootfs, { recursive: true, encoding: 'utf8' }).sort();
  return files
    .filter((file) => file !== NODE && statSync(join(rootfs, file)).isFile())
    .map((file) => ({
      type: 'file',
      'bom-ref': `file:/${file}`,
      name: `/${file}`,
      hashes: [sha256(join(rootfs, file))],
    }));
}

const sha256 = (file: string) => ({
  alg: 'SHA-256',
  content: createHash('sha256').update(readFileSync(file)).digest('hex'),
});

const [file, app, rootfs] = process.argv.slice(2);
if (file === undefined || app === undefined || rootfs === undefined) throw new Error('expected <sbom> <app> <rootfs>');
main(file, app, rootfs);
