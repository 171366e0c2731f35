import { createSshSigner } from '@countersign/dev/ssh-signer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BUNDLE_TEXT, VECTORS } from '../testing/vectors.ts';
import { verifyBundle } from './verify-bundle.ts';

const [alice, bob, carol] = [
  createSshSigner('alice'),
  createSshSigner('bob', 'ecdsa-sha2-nistp256'),
  createSshSigner('carol', 'ecdsa-sha2-nistp521'),
];
const PEOPLE = [alice, bob, carol];
const mallory = createSshSigner('mallory');
const SIGNERS = PEOPLE.map(({ publicKey }) => `${publicKey}\n`).join('');
const signed = (...people: readonly { armored(namespace: string, message: string): string }[]) =>
  people.map((each) => each.armored('countersign-policy', BUNDLE_TEXT)).join('');
const verify = (signatures: string, needed = 2, signers = SIGNERS) =>
  verifyBundle({ statement: BUNDLE_TEXT, signatures, signers, needed });
const refused = (code: string, message: string) =>
  expect.objectContaining({ name: 'SshsigError', code, message: expect.stringContaining(message) });

describe('a policy bundle', () => {
  test('is verified when enough signed it, in whatever order', () => {
    expect(verify(signed(carol, alice))).toEqual({ signedBy: ['alice', 'carol'], missing: ['bob'], ignored: [] });
    expect(verify(signed(...PEOPLE), 3)).toEqual({ signedBy: ['alice', 'bob', 'carol'], missing: [], ignored: [] });
  });

  test('is verified by what OpenSSH signed', () => {
    const ofBundle = VECTORS.filter(({ message }) => message === BUNDLE_TEXT);
    const signers = ofBundle.map(({ publicKey }) => publicKey).join('\n');
    const { signedBy } = verify(ofBundle.map(({ armored }) => armored).join(''), ofBundle.length, signers);
    expect(signedBy).toEqual(['alice ed25519', 'alice ecdsab256', 'alice ecdsab384', 'alice ecdsab521']);
  });

  test('is refused with too few, and whoever reads it learns who is missing', () => {
    expect(() => verify(signed(bob))).toThrow(
      refused('SIGNATURES_MISSING', 'expected 2, got 1: signed by bob; not by alice, carol'),
    );
    expect(() => verify('')).toThrow(refused('SIGNATURES_MISSING', 'signed by nobody; not by alice, bob, carol'));
  });

  test('counts one who signs twice once, and says so', () => {
    expect(() => verify(signed(alice, alice, alice))).toThrow(
      refused(
        'SIGNATURES_MISSING',
        'expected 2, got 1: signed by alice; not by bob, carol; signature 2: alice signed before',
      ),
    );
    expect(verify(signed(alice, alice, bob)).signedBy).toEqual(['alice', 'bob']);
  });

  test('does not count who is not listed, and names the key', () => {
    const { signedBy, ignored } = verify(signed(mallory, alice, bob));
    expect({ signedBy, ignored }).toEqual({
      signedBy: ['alice', 'bob'],
      ignored: [`signature 1: ${mallory.fingerprint} is not a signer`],
    });
    expect(() => verify(signed(mallory, alice))).toThrow(refused('SIGNATURES_MISSING', mallory.fingerprint));
  });

  test.each([
    ['another bundle', 'countersign-policy', BUNDLE_TEXT.replace('version: 7', 'version: 8')],
    ['another environment', 'countersign-policy', BUNDLE_TEXT.replace('production', 'staging')],
    ['this text in another namespace', 'countersign-approval', BUNDLE_TEXT],
    ['this text as a file, for git', 'git', BUNDLE_TEXT],
  ])('does not count a signature of %s', (_, namespace, message) => {
    const signatures = alice.armored(namespace, message) + bob.armored(namespace, message);
    expect(() => verify(signatures)).toThrow(refused('SIGNATURES_MISSING', 'got 0'));
    expect(verify(signatures + signed(alice, bob)).ignored).toHaveLength(2);
  });

  test('counts exactly the listed people who signed it, whoever else did', () => {
    const crowd = [...PEOPLE, mallory, createSshSigner('eve')];
    fc.assert(
      fc.property(
        fc.array(fc.nat(crowd.length - 1), { maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        (who, needed) => {
          const expected = PEOPLE.filter((_, i) => who.includes(i)).length;
          const signatures = signed(...who.flatMap((i) => crowd.slice(i, i + 1)));
          if (expected < needed) expect(() => verify(signatures, needed)).toThrow(refused('SIGNATURES_MISSING', ''));
          else expect(verify(signatures, needed).signedBy).toHaveLength(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is refused where its signatures are no armor', () => {
    expect(() => verify(`${signed(alice, bob)}and me`)).toThrow(refused('MALFORMED', 'line'));
  });

  test.each([0, -1, 1.5, 4, Number.NaN])('is refused where %s signatures are needed of three', (needed) => {
    expect(() => verify(signed(...PEOPLE), needed)).toThrow(refused('INVALID_SIGNERS', 'expected 1–3'));
  });
});

describe('the list of signers', () => {
  test('may have empty lines and comments', () => {
    expect(verify(signed(alice, bob), 2, `# operators\n\n${SIGNERS}`).signedBy).toEqual(['alice', 'bob']);
  });

  const bare = alice.publicKey.replace(' alice', '');
  test.each([
    ['nobody', '', 'expected 1–0'],
    ['a key twice', `${SIGNERS}${bare} alice2\n`, 'line 4: expected a key of its own, got that of alice'],
    ['a name twice', `${SIGNERS}${createSshSigner('bob').publicKey}\n`, 'line 4: expected each name once, got bob'],
    ['no name', `${bare}\n`, 'line 1: expected a name'],
    ['a name with a space behind it', `${bare} alice \n`, 'line 1: expected a name'],
    ['another word', `${SIGNERS}dave\n`, 'line 4: public key: expected'],
    ['an RSA key', 'ssh-rsa AAAA x\n', 'line 1: public key: expected ssh-ed25519'],
    [
      '65 people',
      Array.from({ length: 65 }, (_, i) => createSshSigner(`${i}`).publicKey).join('\n'),
      'line 65: expected at most',
    ],
  ])('is refused with %s', (_, signers, message) => {
    expect(() => verify('', 1, signers)).toThrow(refused('INVALID_SIGNERS', message));
  });
});
