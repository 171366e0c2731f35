import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHangingHsm } from '@countersign/custody/hanging-hsm';
import { keysDocument, toYaml } from '@countersign/dev/configuration';
import { describePart } from '@countersign/dev/describe-part';
import type { Part } from '@countersign/dev/find-part';
import { describe, expect, test } from '@jest/globals';
import { spawnSigner } from '../harness/processes.ts';
import { evmRequest, stellarRequest } from '../harness/requests.ts';
import { ON_LEGACY, openSignerWorld, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

const [LABEL, PIN] = ['countersign', '648219'];
const KEY = 'treasury-stellar';

describePart({ describe, test }, 'softhsm2', (part) => {
  test('an HSM that hangs, and that is only compared with, stops no key and not the end of the process', async () => {
    await using world = await openSignerWorld({ paths: { ...ON_LEGACY, [KEY]: 'shadow' } });
    const { hsm, env } = hangingHsm(part, world);
    await using signer = await spawnSigner(world, { name: 'shadowing', env });
    const client = world.connect(signer);
    let number = 0n;
    const signBoth = async () => {
      number++;
      await client.signTransaction(stellarRequest(world, [{ id: `s_${number}` }], { sequence: number }));
      const nonce = number - 1n;
      await client.signTransaction(evmRequest(world, { id: `e_${number}` }, { nonce }, { lowestOpenNonce: nonce }));
    };
    await signBoth();
    hsm.silence();
    for (let round = 0; round < 8; round++) await signBoth();
    await until('the circuit is open', async () => {
      const text = await (await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`)).text();
      return /^countersign_backend_circuit_open\{custody="pkcs11 main"\} 1$/m.test(text);
    });
    await signBoth();
    // The flags are a file: reading them takes one of the threads.
    await world.setFlags(ON_LEGACY);
    await until('the key is off shadow', async () => {
      const text = await (await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`)).text();
      return text.includes(`countersign_key_custody_path{key="${KEY}",path="legacy"} 1`);
    });
    const ended = once(signer.process, 'exit');
    signer.process.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
  }, 60_000);
});

/** A SoftHSM2 with the key imported, behind a library that can be silenced; and the signer's variables. */
function hangingHsm(part: Part, world: SignerWorld) {
  const file = (name: string) => join(world.dir, name);
  const SOFTHSM2_CONF = file('softhsm2.conf');
  mkdirSync(file('tokens'));
  writeFileSync(SOFTHSM2_CONF, `directories.tokendir = ${file('tokens')}\nlog.level = ERROR\n`);
  writeFileSync(file('pin'), PIN, { mode: 0o600 });
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), world.keys.stellar.privateKey]);
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  writeFileSync(file('key.pem'), pem, { mode: 0o600 });
  const util = (...args: string[]) =>
    execFileSync('softhsm2-util', args, { env: { PATH: process.env['PATH'], SOFTHSM2_CONF }, stdio: 'pipe' });
  util('--init-token', '--free', '--label', LABEL, '--so-pin', '0000', '--pin', PIN);
  util('--import', file('key.pem'), '--token', LABEL, '--label', KEY, '--id', '01', '--pin', PIN);

  const hsm = createHangingHsm(part, world.dir);
  const aliases = { [KEY]: 'unused', 'treasury-evm': 'alias/treasury-evm' } as const;
  const { keys } = keysDocument(world.keys, aliases);
  const { legacy } = keys[KEY].custodies;
  const kms = { backend: 'pkcs11', token: 'main', label: KEY };
  const document = {
    tokens: { main: { module: hsm.module, label: LABEL, pin: { file: file('pin') } } },
    keys: { ...keys, [KEY]: { ...keys[KEY], custodies: { legacy, kms } } },
  };
  writeFileSync(file('keys-hsm.yaml'), toYaml(document));
  return { hsm, env: { SOFTHSM2_CONF, KEYS_FILE: file('keys-hsm.yaml') } };
}
