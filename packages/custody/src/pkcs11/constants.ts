// Numbers of PKCS#11 v3.1 (https://docs.oasis-open.org/pkcs11/pkcs11-spec/v3.1/pkcs11-spec-v3.1.html, and its header pkcs11t.h):
// pkcs11js lacks those for Edwards curves.

export const CKF_OS_LOCKING_OK = 0x2;
export const CKF_RW_SESSION = 0x2;
export const CKF_SERIAL_SESSION = 0x4;
export const CKF_SIGN = 0x800;

/** Of CK_TOKEN_INFO: one more wrong PIN locks it, or it is locked. */
export const CKF_USER_PIN_FINAL_TRY = 0x20000;
export const CKF_USER_PIN_LOCKED = 0x40000;

export const CKU_USER = 1;

export const CKO_PUBLIC_KEY = 2;
export const CKO_PRIVATE_KEY = 3;

/** CK_KEY_TYPE of private keys. */
export const KEY_TYPES: ReadonlyMap<number, string> = new Map([
  [0x0, 'CKK_RSA'],
  [0x1, 'CKK_DSA'],
  [0x2, 'CKK_DH'],
  [0x3, 'CKK_EC'],
  [0x40, 'CKK_EC_EDWARDS'],
  [0x41, 'CKK_EC_MONTGOMERY'],
]);

export const CKA_CLASS = 0x0;
export const CKA_TOKEN = 0x1;
export const CKA_PRIVATE = 0x2;
export const CKA_LABEL = 0x3;
export const CKA_KEY_TYPE = 0x100;
export const CKA_ID = 0x102;
export const CKA_SENSITIVE = 0x103;
export const CKA_SIGN = 0x108;
export const CKA_VERIFY = 0x10a;
export const CKA_EXTRACTABLE = 0x162;
export const CKA_EC_PARAMS = 0x180;
export const CKA_EC_POINT = 0x181;
export const CKA_ALWAYS_AUTHENTICATE = 0x202;
