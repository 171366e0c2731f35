import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findIn, type Spellings, spellingsOf } from '../harness/memory.ts';
import { type Part, spawnSigner } from '../harness/processes.ts';
import { evmRequest, stellarRequest } from '../harness/requests.ts';
import { ON_KMS, ON_LEGACY, openSignerWorld, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

// What a process has in memory is looked at from outside, by /proc.
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the memory of a signer, and what /proc says of it', () => {
  let world: SignerWorld;
  let seeds: { readonly stellar: Spellings; readonly evm: Spellings };
  beforeAll(async () => {
    world = await openSignerWorld({ paths: ON_LEGACY });
    seeds = {
      stellar: spellingsOf(world.keys.stellar.privateKey, world.keys.stellar.seed),
      evm: spellingsOf(world.keys.evm.privateKey, world.keys.evm.seed),
    };
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  const found = ({ process: { pid = 0 } }: Part) => ({
    stellar: findIn(pid, seeds.stellar),
    evm: findIn(pid, seeds.evm),
  });

  async function signBoth(signer: Part, round: bigint): Promise<void> {
    const client = world.connect(signer);
    await client.signTransaction(stellarRequest(world, [{ id: `s_${round}` }], { sequence: round }));
    await client.signTransaction(evmRequest(world, { id: `e_${round}` }, { nonce: round - 1n }));
  }

  test('while a key is on its seed, whoever can look finds it; once it is on kms, the bytes are gone and the variable is not', async () => {
    await using signer = await spawnSigner(world, { name: 'legacy' });
    await signBoth(signer, 1n);
    const before = found(signer);
    expect(before.stellar).toEqual(['environ: text', 'memory: bytes', 'memory: text']);
    expect(before.evm).toEqual(expect.arrayContaining(['environ: text', 'memory: bytes', 'memory: text']));
    await world.setFlags(ON_KMS);
    await until('both keys are on kms', async () => {
      const text = await (await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`)).text();
      return (text.match(/countersign_key_custody_path\{key="[a-z-]+",path="kms"\} 1/g) ?? []).length === 2;
    });
    await signBoth(signer, 2n);
    const beyondText = ({ stellar, evm }: ReturnType<typeof found>) =>
      [...stellar, ...evm].filter((one) => !/ (text|hex)$/.test(one));
    await until('their bytes are gone', () => beyondText(found(signer)).length === 0);
    expect(found(signer).stellar).toContain('environ: text');
  }, 90_000);

  test('a signer that starts on kms has no trace of a seed', async () => {
    await using signer = await spawnSigner(world, { name: 'kms' });
    await signBoth(signer, 3n);
    expect(found(signer)).toEqual({ stellar: [], evm: [] });
  });
});
