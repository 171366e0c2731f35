import type { Provider } from '../provider.ts';
import { examinePkcs11Key } from './examine-key.ts';
import type { Pkcs11Custody } from './find-key.ts';
import { generateKey } from './generate-key.ts';
import { type Library, openLibrary } from './library.ts';
import { openPkcs11Backend } from './pkcs11.ts';
import { createToken, type Pkcs11Options, type Token } from './token.ts';

/**
 * One token of a PKCS#11 library. Its keys share its sessions, its login and what is known of its health.
 * @param env of which the command that prints the PIN gets PATH
 */
export function createPkcs11Provider(
  { module, ...options }: Pkcs11Options,
  env: NodeJS.ProcessEnv,
  onCircuit: (isOpen: boolean) => void,
): Provider<Pkcs11Custody> {
  let opening: Promise<Token> | undefined;
  const token = () => {
    opening ??= openLibrary(module).then((library: Library) => createToken(library, options, env, onCircuit));
    return opening;
  };
  return {
    open: async (custody, algorithm, signal) => openPkcs11Backend(await token(), custody, algorithm, signal),
    generate: async (custody, algorithm, signal) => generateKey(await token(), custody, algorithm, signal),
    // On the token that is open: a login of its own would try a wrong PIN once more.
    examine: async (custody, algorithm, signal) => examinePkcs11Key(token(), custody, algorithm, signal),
    close: async () => {
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}
