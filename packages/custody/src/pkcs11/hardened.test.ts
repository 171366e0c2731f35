import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describePart } from '@countersign/dev/describe-part';
import { describe, expect, test } from '@jest/globals';
import { createSoftToken } from '../../testing/soft-token.ts';

/** What a signer does with an HSM, in a process of its own, without Jest around it. */
const PROBE = `
import { keysSchema } from '@countersign/custody/keys-config';
import { openRegistry } from '@countersign/custody/registry';
import { checkedSignature } from '@countersign/custody/signature';
import { createPkcs11Provider } from './src/pkcs11/provider.ts';

const tokens = { main: JSON.parse(process.env.TOKEN) };
const provider = createPkcs11Provider(tokens.main, {}, () => {});
const findings = await provider.examine({ label: 'k' }, 'ed25519', AbortSignal.timeout(10_000));
await provider.close();
const public_key = findings[2].detail.split(' ').at(-1);
const kms = { backend: 'pkcs11', token: 'main', label: 'k' };
const config = keysSchema.parse({ tokens, keys: { k: { algorithm: 'ed25519', public_key, custodies: { kms } } } });
const registry = await openRegistry(config, { env: {}, aws: { mode: 'production' } });
const key = registry.keys.get('k');
const message = new Uint8Array(32).fill(1);
const { signature } = await key.custodies.kms.sign(message, AbortSignal.timeout(10_000));
checkedSignature(key.algorithm, key.publicKey, message, signature);
await registry.close();
process.stdout.write(JSON.stringify(findings.map(({ ok }) => ok)));
`;

describePart({ describe, test }, 'softhsm2', (part) => {
  test('an HSM is examined and signs under the flags of the signer', async () => {
    const soft = await createSoftToken(part);
    soft.makeKey({ label: 'k', algorithm: 'ed25519' });
    const flags = [
      '--disable-proto=throw',
      '--disallow-code-generation-from-strings',
      '--conditions=@countersign/source',
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', PROBE], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: {
        PATH: process.env['PATH'],
        SOFTHSM2_CONF: join(soft.folder, 'softhsm2.conf'),
        TOKEN: JSON.stringify(soft.options),
      },
    });
    soft.remove();
    expect(JSON.parse(stdout)).toEqual([true, true, true, true]);
  });
});
