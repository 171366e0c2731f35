import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './compose-file.ts';

/** Variables that no schema of ours names: `pg` and the AWS SDK read them. Each is the path of a file with a secret. */
export const LIBRARY_VARIABLES: ReadonlySet<string> = new Set(['PGPASSFILE', 'AWS_SHARED_CREDENTIALS_FILE']);

const SCHEMAS = {
  api: { file: 'services/api/src/config/env.ts', schema: 'envSchema' },
  signer: { file: 'services/signer/src/config/env.ts', schema: 'envSchema' },
  kms: { file: 'packages/dev/src/compose/env.ts', schema: 'kmsSchema' },
  bootstrap: { file: 'packages/dev/src/compose/env.ts', schema: 'bootstrapSchema' },
} as const;

/** The variables that a service's schema names. */
export const declaredVariables = (service: keyof typeof SCHEMAS): string[] =>
  entriesOf(service).map(({ name }) => name);

/** Those without which it does not start. */
export const requiredVariables = (service: keyof typeof SCHEMAS): string[] =>
  entriesOf(service)
    .filter(({ rule }) => !/\.(default|optional)\(/.test(rule))
    .map(({ name }) => name);

/** Read from the source: a schema that is loaded would tell what it accepts,. */
function entriesOf(service: keyof typeof SCHEMAS): { name: string; rule: string }[] {
  const { file, schema } = SCHEMAS[service];
  const source = readFileSync(join(repository, file), 'utf8');
  const [, body] = new RegExp(`const ${schema} = z\\.object\\(\\{\\n([\\s\\S]*?)\\n\\}\\);`).exec(source) ?? [];
  if (body === undefined) throw new Error(`${file}: expected the schema ${schema}`);
  const entries = body.split(/\n(?= {2}[A-Z_]+:)/).map((text) => text.replaceAll(/\/\*\*[\s\S]*?\*\//g, '').trim());
  return entries.flatMap((text) => {
    const [, name, rule] = /^([A-Z_]+): ([\s\S]*)$/.exec(text) ?? [];
    return name === undefined || rule === undefined ? [] : [{ name, rule }];
  });
}
