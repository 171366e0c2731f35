import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLogger, type LogLevel } from './log.ts';

// The seed of SEP-23's examples; it controls nothing.
const SEED = 'SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR';
const ADDRESS = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const HASH = 'a'.repeat(64);

function capture(level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = createLogger({ service: 'signer', level, destination: { write: (line) => lines.push(line) } });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '');
  return { log, lines, last };
}

describe('a log line', () => {
  test('is JSON with level, time and service', () => {
    const { log, lines, last } = capture();
    log.info({ key: 'treasury-stellar', count: 3, amount: 10n ** 20n }, 'signed %s', ADDRESS);
    expect(lines.at(-1)).toMatch(/\}\n$/);
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'signer',
      key: 'treasury-stellar',
      count: 3,
      amount: '100000000000000000000',
      msg: `signed ${ADDRESS}`,
    });
  });

  test('below the level is not written', () => {
    const { log, lines } = capture('warn');
    log.info('quiet');
    log.warn('loud');
    expect(lines).toHaveLength(1);
  });

  test('shows an error with its stack, its cause and its code', () => {
    const { log, last } = capture();
    const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), { code: 'X' });
    log.error({ err: error }, 'failed');
    expect(last()).toMatchObject({
      msg: 'failed',
      err: { type: 'TypeError', message: 'outer', code: 'X', stack: expect.any(String), cause: { message: 'inner' } },
    });
    log.error(error);
    expect(last()).toMatchObject({ msg: 'outer', err: { message: 'outer' } });
  });

  test('keeps what is no secret', () => {
    const { log, last } = capture();
    const fields = {
      hash: HASH,
      at: new Date(0),
      network_passphrase: 'Test SDF Network ; September 2015',
      tags: new Set(['a']),
      counts: new Map([['x', 1]]),
      none: null,
    };
    log.info(fields, 'https://example.com:8080/path@x');
    expect(last()).toMatchObject({
      hash: HASH,
      at: '1970-01-01T00:00:00.000Z',
      network_passphrase: fields.network_passphrase,
      tags: ['a'],
      counts: { x: 1 },
      none: null,
      msg: 'https://example.com:8080/path@x',
    });
  });
});

describe('no secret passes', () => {
  test.each([
    'seed',
    'TREASURY_EVM_SEED',
    'secret',
    'clientSecret',
    'aws_secret_access_key',
    'password',
    'PGPASSWORD',
    'passphrase',
    'authorization',
    'Authorization',
    'private_key',
    'privateKey',
    'private-key',
    'api_key',
    'apiKey',
    'x-api-key',
    'token',
    'sessionToken',
    'cookie',
    'mnemonic',
  ])('under the name %s, at any depth', (name) => {
    const { log, lines } = capture();
    const value = 'hunter2';
    log.info({ [name]: value });
    log.info({ a: { b: [{ c: { [name]: value } }] } });
    log.info({ a: new Map([[name, value]]) });
    log.info({ [name]: { deeper: value } });
    log.info({ err: Object.assign(new Error('x'), { [name]: value }) });
    log.child({ [name]: value, ok: { [name]: value } }).info('child');
    expect(lines).toHaveLength(6);
    expect(lines.join('')).not.toContain('hunter2');
  });

  test('as a Stellar seed, wherever it stands', () => {
    const { log, lines } = capture();
    log.info(SEED);
    log.info('seed=%s.', SEED);
    log.info(`line\n${SEED}\nline`);
    log.info({ note: SEED, list: [{ inner: `x${SEED}` }], [SEED]: 1 });
    log.info({ err: new Error(`bad ${SEED}`, { cause: new Error(SEED) }) });
    log.child({ note: SEED }).info('child');
    expect(lines).toHaveLength(6);
    expect(lines.join('')).not.toContain(SEED);
    expect(lines.join('')).not.toContain(SEED.slice(1, 20));
  });

  test('as any seed in any text', () => {
    const seed = fc.stringMatching(/^S[A-Z2-7]{55}$/);
    const around = fc.stringMatching(/^[ -~]{0,20}$/);
    fc.assert(
      fc.property(seed, around, around, (secret, before, after) => {
        fc.pre(!/^[A-Z2-7]/.test(after));
        const { log, lines } = capture();
        log.info({ note: `${before}${secret}${after}` }, '%s', `${before}${secret}${after}`);
        expect(lines.join('')).not.toContain(secret);
      }),
    );
  });

  test.each<[name: string, text: string, secret: string]>([
    ['the credentials of a URL', 'postgres://signer:hunter2@127.0.0.1:5432/signer', 'hunter2'],
    ['an empty user', 'redis://:hunter2@host', 'hunter2'],
    ['a bearer token', 'Authorization: Bearer abc.def-123', 'abc.def-123'],
    ['basic credentials', 'basic aHVudGVyMg==', 'aHVudGVyMg'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----', 'MIGH'],
    ['a private key cut short', '-----BEGIN EC PRIVATE KEY-----\nMIGH', 'MIGH'],
  ])('as %s in a text', (_, text, secret) => {
    const { log, lines } = capture();
    log.info(text);
    log.info({ note: text, err: new Error(text) });
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain(secret);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('as bytes', () => {
    const { log, last } = capture();
    log.info({ key: new Uint8Array(32).fill(7), buffer: Buffer.from('hunter2'), raw: new ArrayBuffer(3) });
    expect(last()).toMatchObject({ key: '[32 bytes]', buffer: '[7 bytes]', raw: '[3 bytes]' });
  });
});

test('an object that contains itself is cut off', () => {
  const { log, last } = capture();
  const loop: { self?: unknown } = {};
  loop.self = loop;
  log.info({ loop });
  expect(JSON.stringify(last())).toContain('[too deep]');
});

test('without a destination, lines go to standard output', () => {
  expect(createLogger({ service: 'signer', level: 'silent' }).level).toBe('silent');
});
