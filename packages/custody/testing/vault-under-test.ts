import type { Part } from '@countersign/dev/find-part';
import type { VaultPlace } from '../src/vault-transit/vault-config.ts';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
import { type OpenBao, SIGNER_RULES, startOpenBao } from './open-bao.ts';

/** A real vault with one key, `treasury`, and what spoils its answers in front of it. */
export interface VaultUnderTest {
  readonly bao: OpenBao;
  readonly proxy: FaultyProxy;
  /** As KEYS_FILE says it: by the proxy, with a token that has the rights of the signer. */
  readonly place: VaultPlace;
  close(): Promise<void>;
}

export async function openVault(part: Part): Promise<VaultUnderTest> {
  const bao = await startOpenBao(part);
  const proxy = await startFaultyProxy(bao.url);
  await bao.createKey('treasury');
  const token_file = await bao.writeToken('token', await bao.createToken(SIGNER_RULES));
  return {
    bao,
    proxy,
    place: { address: proxy.url, mount: 'transit', token_file, sign_per_second: 1_000 },
    async close() {
      await proxy.close();
      await bao.stop();
    },
  };
}
