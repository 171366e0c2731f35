import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { repository } from './compose-file.ts';
import { createBuilder } from './dockerfile/build.ts';
import { testContents } from './image-contents.ts';
import type { Images } from './image-files.ts';
import { testBillOfMaterials } from './image-sbom.ts';
import { testContainers } from './image-stack.ts';

// Without an engine: the steps of the Dockerfiles are done here, and what they leave is run as the root of processes.

let folder: string;
let images: Images;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-images-'));
  const builder = createBuilder(repository, folder);
  const build = (name: string) => builder.build(`infra/images/${name}.Dockerfile`);
  const [api, signer, dev] = await Promise.all([build('api'), build('signer'), build('dev')]);
  images = { api, signer, dev };
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

testContents(() => images);
testBillOfMaterials(() => images);
testContainers(
  () => images,
  () => folder,
);
