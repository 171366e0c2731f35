import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import { afterAll, describe, expect, test } from '@jest/globals';
import { keys, keysFile, policyFile, policyFolder, recipients } from '../../testing/policy-files.ts';
import { run } from '../../testing/run.ts';

const files = policyFolder();
afterAll(files.remove);
const policy = files.write('policy.yaml', policyFile());
const registry = files.write('keys.yaml', keysFile());
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const check = (...more: readonly string[]) => run('policy', 'check', '--policy', policy, '--keys', registry, ...more);

/** The policy of the stack with the part of one key replaced. */
function changed(key: 'treasury-stellar' | 'treasury-evm', change: object): string {
  const file = policyFile();
  return files.write('changed.yaml', { ...file, keys: { ...file.keys, [key]: { ...file.keys[key], ...change } } });
}
const checkChanged = (file: string, keysPath = registry) =>
  run('policy', 'check', '--policy', file, '--keys', keysPath);

describe('policy check', () => {
  test('says what a good policy allows, and to whom', async () => {
    const { code, out, err } = await check();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { out: statement } = await run('policy', 'bundle', '--policy', policy, '--keys', registry);
    expect(out.split('\n').slice(0, 2)).toEqual(['version 1 for "development"', `bundle sha256:${sha256(statement)}`]);
    for (const line of [
      'treasury-stellar, on stellar:standalone:',
      '  may be asked by spiffe://countersign.dev/api (payout)',
      `  pays from ${keys.stellar.address}`,
      '  which are valid for 5 minutes at most',
      `    ${recipients.stellar[0]}, with any memo or none`,
      `    ${recipients.stellar[1]}, without a memo`,
      `    ${recipients.contracts[0]}`,
      '    stellar:standalone/slip44:148: up to 1000 a payout, up to 99000 a transaction',
      '      in any 1 hour: up to 100000000, up to 1000000 payouts',
      '  fee of a transaction: up to 0.1 lumens',
      `  pays from ${keys.evm.address}, at most 16 nonces ahead`,
      '  fee of a transaction: up to 0.05 ether (100000 gas at 500000000000 wei, 50000000000 of them as a tip)',
    ]) {
      expect(out.split('\n')).toContain(line);
    }
  });

  test('says of which key the seed may come back, and of no other', async () => {
    const { code, out } = await checkChanged(changed('treasury-evm', { allow_legacy: true }));
    expect(code).toBe(0);
    expect(out.split('  may go back from KMS to its seed\n')).toHaveLength(2);
    expect((await checkChanged(changed('treasury-evm', { allow_legacy: false }))).out).not.toContain('its seed');
  });

  test('says what people have to sign for', async () => {
    const file = policyFile();
    const { evm } = file.keys['treasury-evm'];
    const approvers = { alice: createSshSigner('alice').publicKey, bob: createSshSigner('bob').publicKey };
    const { code, out } = await checkChanged(
      changed('treasury-evm', {
        fee_budget: undefined,
        approvals: { threshold: 2, approvers, unlisted_destinations: true, max_lifetime_seconds: 86_400 },
        evm: { ...evm, assets: { 'eip155:31337/slip44:60': { max_per_payout: '10', approval_above: '0.5' } } },
      }),
    );
    expect(code).toBe(0);
    expect(out).toContain('up to 10 a payout, with approvals above 0.5\n      over time: no limit\n');
    expect(out).toContain('  approvals: 2 of alice, bob, each for 1 day at most\n    they also pay destinations');
    expect(out).toContain('  fees over time: no limit');
  });

  test('shouts where anybody may be paid', async () => {
    const { evm } = policyFile().keys['treasury-evm'];
    const { code, out } = await checkChanged(changed('treasury-evm', { evm: { ...evm, destinations: 'any' } }));
    expect({ code, anybody: out.includes('  pays ANYBODY\n') }).toEqual({ code: 0, anybody: true });
  });

  test('shows memos as they are signed for, and nothing invisible', async () => {
    const { stellar } = policyFile().keys['treasury-stellar'];
    const destinations = [{ address: recipients.stellar[0], memo: ['text:a\u202eb\n', 'id:7', 'none'] }];
    const { out } = await checkChanged(changed('treasury-stellar', { stellar: { ...stellar, destinations } }));
    expect(out).toContain(
      `    ${recipients.stellar[0]}, with "text:a\\u202eb\\u000a" or with "id:7" or without a memo\n`,
    );
  });

  test('names the keys that sign nothing', async () => {
    const { 'treasury-evm': only } = policyFile().keys;
    const { out } = await checkChanged(files.write('one.yaml', { ...policyFile(), keys: { 'treasury-evm': only } }));
    expect(out).toContain('sign nothing, since no policy names them: treasury-stellar\n');
  });

  test('refuses a policy by line and field, every mistake of it', async () => {
    const { evm } = policyFile().keys['treasury-evm'];
    const { code, out, err } = await checkChanged(
      changed('treasury-evm', { colour: 'red', evm: { ...evm, max_gas_limit: 'many' } }),
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/changed\.yaml:\d+: keys\.treasury-evm\.colour: unknown word\n/);
    expect(err).toMatch(/changed\.yaml:\d+: keys\.treasury-evm\.evm\.max_gas_limit: Invalid input/);
  });

  test('refuses what the policy says of keys that are not so', async () => {
    const { 'treasury-evm': evm } = keysFile().keys;
    const { code, err } = await checkChanged(policy, files.write('evm.yaml', { keys: { 'treasury-evm': evm } }));
    expect(code).toBe(1);
    expect(err).toMatch(/^.*policy\.yaml:\d+: keys\.treasury-stellar: expected a registered ed25519 key, got none\n$/);
  });

  test('refuses keys that the signer refuses, and tells of the policy too', async () => {
    const { 'treasury-evm': evm } = keysFile().keys;
    const twice = files.write('twice.yaml', { keys: { 'treasury-evm': evm, again: evm } });
    const bad = files.write('bad.yaml', { ...policyFile(), colour: 'red' });
    const { code, err } = await checkChanged(bad, twice);
    expect(code).toBe(1);
    expect(err).toMatch(/twice\.yaml: key again: public_key: the same key is registered as treasury-evm\n/);
    expect(err).toMatch(/bad\.yaml:\d+: colour: unknown word\n/);
  });

  test('cannot answer without the files, or for bytes that are no text', async () => {
    const { code, err } = await checkChanged('/nowhere');
    expect({ code, err }).toEqual({ code: 2, err: '/nowhere: cannot read the file (ENOENT)\n' });
    const { code: ofBytes, err: problem } = await checkChanged(files.write('bytes.yaml', Buffer.of(0xff, 0xfe)));
    expect({ ofBytes, problem }).toEqual({ ofBytes: 1, problem: expect.stringContaining('expected text in UTF-8') });
  });

  test.each([
    [['--policy', policy]],
    [['--policy', policy, '--keys']],
    [['--policy', policy, '--keys', '']],
    [['--policy', policy, '--policy', policy, '--keys', registry]],
    [['--policy', policy, '--keys', registry, '--colour', 'red']],
    [['--policy', policy, '--keys', registry, 'more']],
    [['--policy', policy, '--keys', registry, '--needed', '2']],
    [['--policy', policy, '--keys', registry, '--needed', '0', '--signers', policy, '--signatures', policy]],
  ])('is told how it is used by %j', async (args) => {
    const { code, err } = await run('policy', 'check', ...args);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('usage: signerctl policy check --policy FILE'),
    });
  });
});

describe('policy check, with signatures', () => {
  const [alice, bob, carol] = [createSshSigner('alice'), createSshSigner('bob'), createSshSigner('carol')];
  const mallory = createSshSigner('mallory');
  const signers = files.write('signers', [alice, bob, carol].map(({ publicKey }) => `${publicKey}\n`).join(''));
  /** Signed by these, each over what `policy bundle` prints. */
  async function signedBy(...people: readonly { armored(namespace: string, message: string): string }[]) {
    const { out } = await run('policy', 'bundle', '--policy', policy, '--keys', registry);
    const signatures = people.map((each) => each.armored('countersign-policy', out)).join('');
    return check('--signatures', files.write('signatures', signatures), '--signers', signers, '--needed', '2');
  }

  test('names who signed, and says that it is enough', async () => {
    const { code, out, err } = await signedBy(alice, mallory, carol);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('\nsigned by alice, carol, 2 needed; not by bob\n');
    expect(out).toContain(`ignored: signature 2: ${mallory.fingerprint} is not a signer\n`);
  });

  test('says who is missing', async () => {
    const { code, err } = await signedBy(bob, bob, mallory);
    expect(code).toBe(1);
    expect(err).toContain('signatures: expected 2, got 1: signed by bob; not by alice, carol; signature 2: bob signed');
  });

  test('does not count what was signed before the policy or the keys changed', async () => {
    const { out } = await run('policy', 'bundle', '--policy', policy, '--keys', registry);
    const signatures = [alice, bob].map((each) => each.armored('countersign-policy', out)).join('');
    const signing = ['--signatures', files.write('old', signatures), '--signers', signers, '--needed', '2'];
    expect((await check(...signing)).code).toBe(0);
    const later = files.write('later.yaml', { ...policyFile(), version: 2 });
    const { code, err } = await run('policy', 'check', '--policy', later, '--keys', registry, ...signing);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining('signed by nobody; not by alice, bob, carol'),
    });
    const other = files.write('other-keys.yaml', `# a comment\n${JSON.stringify(keysFile())}\n`);
    expect((await run('policy', 'check', '--policy', policy, '--keys', other, ...signing)).code).toBe(1);
  });

  test('refuses a list of signers that is none', async () => {
    const signing = [
      '--signatures',
      files.write('none', ''),
      '--signers',
      files.write('bad', 'alice\n'),
      '--needed',
      '1',
    ];
    const { code, err } = await check(...signing);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('signers: line 1: public key: expected') });
  });
});

describe('policy bundle', () => {
  test('prints the statement alone, over the bytes of both files', async () => {
    const { code, out, err } = await run('policy', 'bundle', '--policy', policy, '--keys', registry);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^countersign policy bundle v1\nenvironment: "development"\nversion: 1\npolicy: [0-9a-f]{64}\nkeys: /,
    );
    const [ofPolicy, ofKeys] = [policy, registry].map((file) => sha256(readFileSync(file, 'utf8')));
    expect(out).toMatch(new RegExp(`policy: ${ofPolicy}\nkeys: ${ofKeys}\n$`));
  });

  test('prints none of a policy that the signer refuses', async () => {
    const bad = files.write('bad.yaml', { ...policyFile(), colour: 'red' });
    const { code, out } = await run('policy', 'bundle', '--policy', bad, '--keys', registry);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});
