import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BUNDLE_TEXT } from '../testing/vectors.ts';
import { bundleStatement, type PolicyBundle } from './policy-bundle.ts';

const BUNDLE: PolicyBundle = {
  environment: 'production',
  version: 7,
  policySha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  keysSha256: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
};
const INVALID = expect.objectContaining({ name: 'SshsigError', code: 'INVALID_TERMS' });

describe('the statement of a policy bundle', () => {
  test('is the text that docs/ssh-signatures.md shows, and that OpenSSH signed', () => {
    expect(bundleStatement(BUNDLE)).toBe(BUNDLE_TEXT);
  });

  test('has any environment in one line, which reads back as JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (environment) => {
        const statement = bundleStatement({ ...BUNDLE, environment });
        expect(statement).toMatch(/^(?:[ -~]+\n){5}$/);
        expect(JSON.parse(statement.split('\n')[1]?.slice('environment: '.length) ?? '')).toBe(environment);
      }),
    );
  });

  test.each([
    ['version 0', { version: 0 }],
    ['half a version', { version: 1.5 }],
    ['a version that a double cannot hold', { version: 2 ** 53 }],
    ['no digest', { policySha256: '' }],
    ['a digest in upper case', { policySha256: 'A'.repeat(64) }],
    ['a short digest of the keys', { keysSha256: 'a'.repeat(63) }],
    ['a line end behind a digest', { keysSha256: `${'a'.repeat(64)}\n` }],
  ])('is refused with %s', (_, change) => {
    expect(() => bundleStatement({ ...BUNDLE, ...change })).toThrow(INVALID);
  });
});
