import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { z } from 'zod';
import { filesOf, type Images, SERVICES } from './image-files.ts';

const componentSchema = z.object({
  type: z.enum(['library', 'platform', 'file']),
  'bom-ref': z.string(),
  group: z.string().optional(),
  name: z.string(),
  version: z.string().optional(),
  purl: z.string().optional(),
  licenses: z.array(z.unknown()).optional(),
  hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional(),
});

const bomSchema = z.looseObject({
  metadata: z.object({ component: z.object({ group: z.string(), name: z.string(), 'bom-ref': z.string() }) }),
  components: z.array(componentSchema),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

/** The bill of materials that an image carries: CycloneDX, and exactly what lies in it. */
export function testBillOfMaterials(images: () => Images): void {
  describe.each(SERVICES)('the bill of materials of the %s', (name) => {
    const readRaw = (): object => JSON.parse(readFileSync(join(images()[name].root, 'sbom.cdx.json'), 'utf8'));
    const read = () => bomSchema.parse(readRaw());

    test('is CycloneDX 1.6 by its schema', () => {
      const validate = cycloneDx();
      expect({ valid: validate(readRaw()), errors: validate.errors }).toEqual({ valid: true, errors: null });
      expect(validate({ ...readRaw(), components: [{ type: 'gadget', name: 'x' }] })).toBe(false);
      expect(read().metadata.component).toEqual(expect.objectContaining({ group: '@countersign', name }));
    });

    test('lists the packages that are in the image, each in its version and with its licence, and no others', () => {
      const listed = read().components.filter(({ type }) => type === 'library');
      const names = listed.map(({ group, name: short, version }) => `${group ? `${group}/` : ''}${short}@${version}`);
      expect(names.sort()).toEqual(packagesOf(images()[name].root, filesOf(images()[name])));
      expect(listed.filter(({ licenses = [] }) => licenses.length === 0).map(({ purl }) => purl)).toEqual([]);
      const refs = new Set([...read().components, read().metadata.component].map((component) => component['bom-ref']));
      const edges = read().dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
      expect(edges.filter((ref) => !refs.has(ref))).toEqual([]);
    });

    test('lists Node and every file beside the application, by its digest', () => {
      const { root } = images()[name];
      const listed = read().components.flatMap(({ type, name: path, hashes = [] }) => {
        const at = type === 'platform' ? '/usr/local/bin/node' : path;
        return type === 'library' ? [] : hashes.map(({ content }) => `${at} ${content}`);
      });
      // /etc/hosts is the engine's.
      const beside = filesOf(images()[name]).filter((path) => !/^(app\/|sbom\.cdx\.json$|etc\/hosts$)/.test(path));
      const digests = beside.map(
        (path) =>
          `/${path} ${createHash('sha256')
            .update(readFileSync(join(root, path)))
            .digest('hex')}`,
      );
      expect(listed.sort()).toEqual(digests.sort());
    });
  });
}

/** Found by their package.json, not as the tool that makes the list finds them. */
function packagesOf(root: string, files: readonly string[]): string[] {
  const manifests = files.filter((path) =>
    /\/\.pnpm\/[^/]+\/node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(path),
  );
  return manifests
    .map((path) => {
      const { name, version }: { name?: string; version?: string } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      return `${name}@${version}`;
    })
    .sort();
}

function cycloneDx() {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')),
    'res/schema',
  );
  const schema = (file: string): object =>
    JSON.parse(readFileSync(join(folder, `${file}.SNAPSHOT.schema.json`), 'utf8'));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const other of ['spdx', 'jsf-0.82']) {
    ajv.addSchema(schema(other), `http://cyclonedx.org/schema/${other}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(schema('bom-1.6'));
}
