import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findPart, isRequired } from './find-part.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes an executable file. */
function program(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

const PROMETHEUS = '#!/bin/sh\necho "prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5)"\n';

describe('a part is found', () => {
  test('on PATH, past folders that do not have it or that are not there', () => {
    const file = program('b/prometheus', PROMETHEUS);
    mkdirSync(join(folder, 'a/prometheus'), { recursive: true });
    const path = [join(folder, 'a'), join(folder, 'none'), '', join(folder, 'b')].join(':');
    expect(findPart('prometheus', { PATH: path })).toEqual({ name: 'prometheus', file, version: '2.42.0+ds' });
  });

  test('by its variable, which goes before PATH', () => {
    program('b/prometheus', PROMETHEUS);
    const file = program('mine', PROMETHEUS);
    expect(findPart('prometheus', { PATH: join(folder, 'b'), PROMETHEUS: file })?.file).toBe(file);
  });

  test('nowhere', () => {
    writeFileSync(join(folder, 'prometheus'), 'not executable');
    expect(findPart('prometheus', { PATH: folder })).toBeUndefined();
    expect(findPart('prometheus', {})).toBeUndefined();
    expect(findPart('prometheus', { PATH: folder, PROMETHEUS: '' })).toBeUndefined();
  });

  test('a variable that names no program is a mistake, not an absence', () => {
    const named = join(folder, 'gone');
    expect(() => findPart('ministack', { MINISTACK: named })).toThrow(
      `MINISTACK: expected an executable file, got ${named}`,
    );
  });
});

describe('a library', () => {
  test('is found by its variable alone, and need not be executable', () => {
    const file = join(folder, 'softhsm2');
    writeFileSync(file, 'a library');
    expect(findPart('softhsm2', { PATH: folder })).toBeUndefined();
    expect(findPart('softhsm2', { SOFTHSM2: file })?.file).toBe(file);
  });

  test.each(['', 'gone.so'])('is no folder, nor a file that is not there', (name) => {
    const named = join(folder, name);
    expect(() => findPart('softhsm2', { SOFTHSM2: named })).toThrow(`SOFTHSM2: expected a library, got ${named}`);
  });
});

describe('the version', () => {
  test('of a Go program is the one that Go wrote into it', () => {
    const file = program(
      'local-kms',
      '\x00path\tgithub.com/nsmithuk/local-kms\nmod\tgithub.com/nsmithuk/local-kms\tv0.0.0-20250101000000-e4d942500000\th1:x=\ndep\tgithub.com/nsmithuk/local-kms/other\tv9.9.9\n',
    );
    expect(findPart('local-kms', { LOCAL_KMS: file })?.version).toBe('v0.0.0-20250101000000-e4d942500000');
  });

  test('of a Python program is its package’s, asked of the interpreter beside it, through links', () => {
    program('venv/bin/python3', '#!/bin/sh\n[ "$1" = -c ] && echo 1.5.33\n');
    const script = program('venv/bin/ministack', '#!/bin/sh\n');
    const link = join(folder, 'ministack');
    symlinkSync(script, link);
    expect(findPart('ministack', { MINISTACK: link })).toEqual({ name: 'ministack', file: link, version: '1.5.33' });
  });

  test('of OpenBao is what it says of itself', () => {
    const file = program('bao', '#!/bin/sh\necho "OpenBao v2.7.2 (9e0a0d3c3504), committed 2026-10-26T20:32:27Z"\n');
    expect(findPart('bao', { BAO: file })).toEqual({ name: 'bao', file, version: '2.7.2' });
  });

  test('of OpenSSH is what the `ssh` beside the program tells', () => {
    program('ssh', '#!/bin/sh\n[ "$1" = -V ] && echo "OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL 3.0.19" >&2\n');
    const file = program('ssh-keygen', '#!/bin/sh\nexit 1\n');
    expect(findPart('ssh-keygen', { SSH_KEYGEN: file })?.version).toBe('9.2p1');
  });

  test('of SoftHSM is what its tool on PATH tells', () => {
    program('softhsm2-util', '#!/bin/sh\n[ "$1" = --version ] && echo 2.6.1\n');
    const file = program('libsofthsm2.so', '');
    const { PATH } = process.env;
    process.env['PATH'] = `${folder}:${PATH}`;
    try {
      expect(findPart('softhsm2', { SOFTHSM2: file })).toEqual({ name: 'softhsm2', file, version: '2.6.1' });
    } finally {
      process.env['PATH'] = PATH;
    }
  });

  test('is unknown where the program does not tell', () => {
    const file = program('mute', '#!/bin/sh\nexit 1\n');
    expect(findPart('promtool', { PROMTOOL: file })?.version).toBe('unknown-version');
    expect(findPart('ministack', { MINISTACK: file })?.version).toBe('unknown-version');
    expect(findPart('local-kms', { LOCAL_KMS: file })?.version).toBe('unknown-version');
    expect(findPart('ssh-keygen', { SSH_KEYGEN: file })?.version).toBe('unknown-version');
  });
});

describe('COUNTERSIGN_REQUIRE_PARTS', () => {
  test.each([
    [undefined, false, false],
    ['', false, false],
    ['0', false, false],
    ['1', true, true],
    ['ministack', true, false],
    ['promtool,ministack', true, true],
  ])('%s', (COUNTERSIGN_REQUIRE_PARTS, ministack, promtool) => {
    const env = COUNTERSIGN_REQUIRE_PARTS === undefined ? {} : { COUNTERSIGN_REQUIRE_PARTS };
    expect([isRequired('ministack', env), isRequired('promtool', env)]).toEqual([ministack, promtool]);
  });

  test('a name that is no part’s is refused', () => {
    expect(() => isRequired('ministack', { COUNTERSIGN_REQUIRE_PARTS: 'ministack,yes' })).toThrow('got yes');
  });
});
