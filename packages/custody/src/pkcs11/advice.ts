import type { CustodyError } from '../error.ts';
import { isPinRefused, Pkcs11Failure } from './failure.ts';

const ADVICE: Readonly<Record<string, string>> = {
  MODULE_NOT_FOUND: "install the vendor's PKCS#11 library, or name its file as `module` of the token in KEYS_FILE",
  MODULE_UNFIT: "name the vendor's PKCS#11 library as `module` of the token in KEYS_FILE, built for this machine",
  TOKEN_NOT_FOUND:
    'look at `label` of the token in KEYS_FILE, at the way to the HSM, and at the variables that its library reads',
  PIN_UNREADABLE: 'look at `pin` of the token in KEYS_FILE: a file that no other user may read, or a command',
  KEY_NOT_FOUND: 'look at `label` and `id` of the custody in KEYS_FILE, or make the key (signerctl keys generate)',
  KEY_UNFIT: 'make another key (signerctl keys generate), in a token that can sign with it: a key stays what it is',
};

/** What to do about what a token was refused with, where that can be told. */
export function adviceFor(error: CustodyError): string | undefined {
  const code = error.attempts.at(-1)?.errorCode ?? (error.cause instanceof Pkcs11Failure ? error.cause.errorCode : '');
  if (isPinRefused(code)) {
    return "log in once by hand with the vendor's tool, to see which PIN is right: a few wrong ones lock the HSM";
  }
  return new Map(Object.entries(ADVICE)).get(code);
}
