import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import type { Part } from '@countersign/dev/find-part';
import type { Handle, PKCS11, Template } from 'pkcs11js';
import type { Algorithm } from '../src/backend.ts';
import { loadAddon } from '../src/pkcs11/addon.ts';
import * as ck from '../src/pkcs11/constants.ts';
import { CURVE_TERMS } from '../src/pkcs11/curve-terms.ts';
import { findSlot } from '../src/pkcs11/find-slot.ts';

const LABEL = 'countersign';
const PIN = '648219';

/** The curve prime256v1, which is neither of ours (RFC 5480). */
const P256 = Buffer.from('06082a8648ce3d030107', 'hex');

export interface MadeKey {
  readonly label: string;
  readonly algorithm: Algorithm;
  /** CKA_ID, hex. */
  readonly id?: string;
  /** Attributes in place of those of a sound key. */
  readonly private?: Template;
  readonly public?: Template;
  readonly p256?: true;
  /** Destroys that half afterwards. */
  readonly without?: 'private' | 'public';
}

/** SoftHSM2 with a folder of its own, and one token in it. */
export interface SoftToken {
  readonly folder: string;
  readonly pin: string;
  readonly options: { readonly module: string; readonly label: string; readonly pin: { readonly file: string } };
  /** One more token, with the same PIN. */
  addToken(label?: string): void;
  deleteToken(label: string): void;
  makeKey(key: MadeKey, token?: string): void;
  destroyKeys(label: string): void;
  /** Closes all sessions of this process with the token: what an HSM does that restarts. */
  closeAllSessions(): void;
  logout(): void;
  /** All tokens go to a folder of that name, and are gone; without a folder to look in the library does not even start. */
  moveAway(to: string, how?: 'with their folder'): void;
  moveBack(from: string): void;
  remove(): void;
}

/** Jest gives each test file a copy of the environment, and the library reads the real one. */
const realEnv = (): NodeJS.ProcessEnv => runInThisContext('process.env');

/** One at a time in a process: the library has one configuration. */
export async function createSoftToken(part: Part): Promise<SoftToken> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-softhsm-'));
  const at = (name: string) => join(folder, name);
  const [tokens, conf, pinFile] = [at('tokens'), at('softhsm2.conf'), at('pin')];
  mkdirSync(tokens);
  writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  writeFileSync(pinFile, `${PIN}\n`, { mode: 0o600 });
  realEnv()['SOFTHSM2_CONF'] = conf;

  const { PKCS11: Cryptoki } = await loadAddon();
  const cryptoki = new Cryptoki();
  cryptoki.load(part.file);

  /** Beside the backend under test where that has the library, else alone. */
  const operating = (run: (session: Handle, slot: Handle) => void, token = LABEL): void => {
    const isAlone = tried(() => cryptoki.C_Initialize({ flags: ck.CKF_OS_LOCKING_OK }));
    try {
      const slot = findSlot(cryptoki, token);
      const session = cryptoki.C_OpenSession(slot, ck.CKF_SERIAL_SESSION | ck.CKF_RW_SESSION);
      try {
        tried(() => cryptoki.C_Login(session, ck.CKU_USER, PIN));
        run(session, slot);
      } finally {
        tried(() => cryptoki.C_CloseSession(session));
      }
    } finally {
      if (isAlone) cryptoki.C_Finalize();
    }
  };
  const util = (...args: readonly string[]) =>
    execFileSync('softhsm2-util', args, { env: { PATH: process.env['PATH'], SOFTHSM2_CONF: conf }, stdio: 'pipe' });
  const addToken = (label = LABEL) =>
    void util('--init-token', '--free', '--label', label, '--so-pin', '0000', '--pin', PIN);
  addToken();

  return {
    folder,
    pin: PIN,
    options: { module: part.file, label: LABEL, pin: { file: pinFile } },
    addToken,
    deleteToken: (label) => void util('--delete-token', '--token', label),
    makeKey: (key, token) => operating((session) => make(cryptoki, session, key), token),
    destroyKeys: (label) =>
      operating((session) => {
        for (const handle of all(cryptoki, session, label)) cryptoki.C_DestroyObject(session, handle);
      }),
    closeAllSessions: () => operating((_session, slot) => cryptoki.C_CloseAllSessions(slot)),
    logout: () => operating((session) => cryptoki.C_Logout(session)),
    moveAway(to, how) {
      renameSync(tokens, at(to));
      if (how === undefined) mkdirSync(tokens);
    },
    moveBack: (from) => {
      rmSync(tokens, { recursive: true, force: true });
      renameSync(at(from), tokens);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function tried(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

function make(
  cryptoki: PKCS11,
  session: Handle,
  { label, algorithm, id = '01', p256, without, ...own }: MadeKey,
): void {
  const { generate, params } = CURVE_TERMS[algorithm];
  const both = [
    { type: ck.CKA_TOKEN, value: true },
    { type: ck.CKA_LABEL, value: label },
    { type: ck.CKA_ID, value: Buffer.from(id, 'hex') },
  ];
  const sound = [
    { type: ck.CKA_PRIVATE, value: true },
    { type: ck.CKA_SENSITIVE, value: true },
    { type: ck.CKA_EXTRACTABLE, value: false },
    { type: ck.CKA_SIGN, value: true },
  ];
  const replaced = (template: Template, by: Template = []) => [
    ...template.filter(({ type }) => !by.some((one) => one.type === type)),
    ...by,
  ];
  const pair = cryptoki.C_GenerateKeyPair(
    session,
    { mechanism: generate.value },
    replaced([...both, { type: ck.CKA_EC_PARAMS, value: p256 ? P256 : params[0] }], own.public),
    replaced([...both, ...sound], own.private),
  );
  if (without !== undefined) cryptoki.C_DestroyObject(session, pair[`${without}Key`]);
}

function all(cryptoki: PKCS11, session: Handle, label: string): Handle[] {
  cryptoki.C_FindObjectsInit(session, [{ type: ck.CKA_LABEL, value: label }]);
  const found = cryptoki.C_FindObjects(session, 10);
  cryptoki.C_FindObjectsFinal(session);
  return found;
}
