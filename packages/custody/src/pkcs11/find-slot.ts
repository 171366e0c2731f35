import type { Handle, PKCS11 } from 'pkcs11js';
import { cleaned } from '../remote-text.ts';
import { Pkcs11Failure } from './failure.ts';

/** Labels are padded with blanks to 32 characters (PKCS#11 v3.1, section 3.2). */
export const unpadded = (text: string): string => text.trimEnd();

/**
 * The slot with the token of that label.
 * @throws Pkcs11Failure `TOKEN_NOT_FOUND`, naming the tokens that there are; an Error of the addon
 */
export function findSlot(cryptoki: PKCS11, label: string): Handle {
  const slots = cryptoki.C_GetSlotList(true);
  const labels = slots.map((slot) => unpadded(cryptoki.C_GetTokenInfo(slot).label));
  const found = slots.filter((_, index) => labels[index] === label);
  const [slot] = found;
  if (slot !== undefined && found.length === 1) return slot;
  const got = labels.filter((one) => one !== '').map((one) => JSON.stringify(one));
  throw new Pkcs11Failure(
    'TOKEN_NOT_FOUND',
    cleaned(`token: expected one with the label ${JSON.stringify(label)}, got ${got.join(', ') || 'none'}`),
    { retryable: true, down: true },
  );
}
