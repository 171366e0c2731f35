import type * as Pkcs11Js from 'pkcs11js';
import { CustodyError } from '../error.ts';

const BUILD = 'npm run build:pkcs11';

/**
 * The addon that calls a PKCS#11 library. It is native code, so it is loaded only when a key in an HSM is opened.
 * @throws CustodyError `MISCONFIGURED` where it was not built
 */
export async function loadAddon(load = () => import('pkcs11js')): Promise<typeof Pkcs11Js> {
  try {
    const { default: addon } = await load();
    return addon;
  } catch (cause) {
    throw new CustodyError(
      'MISCONFIGURED',
      `pkcs11: the addon pkcs11js is not built for this machine: \`${BUILD}\` builds it, with a C++ compiler, make and Python`,
      { cause },
    );
  }
}
