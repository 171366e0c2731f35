import { createPool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { quietContext } from '../../../testing/api-harness.ts';
import { createHttpApp, type HttpApp } from '../../app/app.ts';
import { problemSchema } from '../problem/problem.ts';
import { openApiDocument } from './document.ts';

describe('the OpenAPI document', () => {
  // None of these routes asks the database.
  const pool = createPool({ url: 'postgres://nobody:nothing@127.0.0.1:1/none' });
  let http: HttpApp;

  beforeAll(async () => {
    http = await createHttpApp(quietContext(pool, []));
  });

  afterAll(async () => {
    await http.close();
    await pool.end();
  });

  test('is valid OpenAPI 3.1, by an independent validator', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(openApiDocument));
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('has every reference resolved', () => {
    const references = [...JSON.stringify(openApiDocument).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path);
    expect(references.length).toBeGreaterThan(20);
    for (const path of references) {
      const target = path?.split('/').reduce<unknown>((at, name) => Reflect.get(Object(at), name), openApiDocument);
      expect([path, typeof target]).toEqual([path, 'object']);
    }
  });

  test('has every route that exists, and no other', () => {
    const documented = Object.entries(openApiDocument.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const existing = http.routes.list().filter((route) => !route.startsWith('GET /docs/'));
    expect(documented.toSorted()).toEqual([...new Set(existing)].toSorted());
  });

  test('gives a security requirement to every route that is not public', () => {
    for (const [path, item] of Object.entries(openApiDocument.paths)) {
      for (const operation of Object.values(item)) {
        const isPublic = 'security' in operation && operation.security?.length === 0;
        expect([path, isPublic]).toEqual([path, !path.startsWith('/v1/')]);
      }
    }
  });

  test('shows as examples of problems what the server answers', () => {
    for (const item of Object.values(openApiDocument.paths)) {
      for (const operation of Object.values(item)) {
        for (const [status, response] of Object.entries(operation.responses)) {
          if (Number(status) < 400) continue;
          for (const [code, { value }] of Object.entries(examplesOf(response))) {
            expect(problemSchema.parse(value)).toMatchObject({ code, status: Number(status) });
          }
        }
      }
    }
  });

  test('is served as JSON and as a page that loads nothing from elsewhere', async () => {
    const json = await http.server.inject({ url: '/openapi.json' });
    expect(json.headers['content-type']).toMatch(/^application\/json/);
    expect(json.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument)));

    const page = await http.server.inject({ url: '/docs' });
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThanOrEqual(5);
    for (const link of links) {
      const file = await http.server.inject({ url: link });
      expect([link, file.statusCode]).toEqual([link, 200]);
    }
    const policy = String(page.headers['content-security-policy']);
    expect(policy).not.toMatch(/https?:/);
    expect(policy).toContain("script-src 'self';");
  });
});

function examplesOf(response: unknown): Record<string, { value: unknown }> {
  return z
    .object({
      content: z.object({
        'application/problem+json': z.object({ examples: z.record(z.string(), z.object({ value: z.unknown() })) }),
      }),
    })
    .parse(response).content['application/problem+json'].examples;
}
