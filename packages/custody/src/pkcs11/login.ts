import type { Handle, PKCS11 } from 'pkcs11js';
import { CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED, CKU_USER } from './constants.ts';
import { failureOf, Pkcs11Failure } from './failure.ts';

/**
 * Logs the user in. The PIN that locks the token if it is wrong is left to a person: whatever starts a signer again and again would
 * come to it.
 * @throws Pkcs11Failure `PIN_FINAL_TRY` or `PIN_LOCKED`; an Error of the addon
 */
export function login(cryptoki: PKCS11, slot: Handle, session: Handle, pin: Buffer): void {
  const { flags } = cryptoki.C_GetTokenInfo(slot);
  if ((flags & CKF_USER_PIN_LOCKED) !== 0) {
    const what = "have its security officer unlock it with the vendor's tool, log in once by hand, and start again";
    throw new Pkcs11Failure('PIN_LOCKED', `pin: the token has locked it, and no login is tried: ${what}`);
  }
  if ((flags & CKF_USER_PIN_FINAL_TRY) !== 0) {
    const what = "log in once by hand with the vendor's tool, to see that the PIN is right, and start again";
    throw new Pkcs11Failure('PIN_FINAL_TRY', `pin: one more wrong one locks the token, and no login is tried: ${what}`);
  }
  try {
    // The addon takes the PIN as a string, which cannot be overwritten: it is made here, and kept nowhere.
    cryptoki.C_Login(session, CKU_USER, pin.toString('utf8'));
  } catch (error) {
    if (failureOf(error).errorCode !== 'CKR_USER_ALREADY_LOGGED_IN') throw error;
  }
}
