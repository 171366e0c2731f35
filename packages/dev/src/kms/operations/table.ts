import { createAlias, deleteAlias, listAliases, updateAlias } from './aliases.ts';
import { cancelKeyDeletion, scheduleKeyDeletion } from './deletion.ts';
import { decrypt, encrypt, generateDataKey } from './encrypt.ts';
import { deleteImportedKeyMaterial, getParametersForImport, importKeyMaterial } from './import.ts';
import { createKey, describeKey, getPublicKey, listKeys, setEnabled } from './keys.ts';
import type { Operation } from './operation.ts';
import { sign, verify } from './sign.ts';

export interface NamedOperation {
  readonly name: string;
  readonly run: Operation;
  /** What CloudTrail says of it. */
  readonly readOnly: boolean;
}

const TABLE: readonly NamedOperation[] = [
  { name: 'CancelKeyDeletion', run: cancelKeyDeletion, readOnly: false },
  { name: 'CreateAlias', run: createAlias, readOnly: false },
  { name: 'CreateKey', run: createKey, readOnly: false },
  { name: 'Decrypt', run: decrypt, readOnly: true },
  { name: 'DeleteAlias', run: deleteAlias, readOnly: false },
  { name: 'DeleteImportedKeyMaterial', run: deleteImportedKeyMaterial, readOnly: false },
  { name: 'DescribeKey', run: describeKey, readOnly: true },
  { name: 'DisableKey', run: setEnabled(false), readOnly: false },
  { name: 'EnableKey', run: setEnabled(true), readOnly: false },
  { name: 'Encrypt', run: encrypt, readOnly: true },
  { name: 'GenerateDataKey', run: generateDataKey(true), readOnly: true },
  { name: 'GenerateDataKeyWithoutPlaintext', run: generateDataKey(false), readOnly: true },
  { name: 'GetParametersForImport', run: getParametersForImport, readOnly: true },
  { name: 'GetPublicKey', run: getPublicKey, readOnly: true },
  { name: 'ImportKeyMaterial', run: importKeyMaterial, readOnly: false },
  { name: 'ListAliases', run: listAliases, readOnly: true },
  { name: 'ListKeys', run: listKeys, readOnly: true },
  { name: 'ScheduleKeyDeletion', run: scheduleKeyDeletion, readOnly: false },
  { name: 'Sign', run: sign, readOnly: true },
  { name: 'UpdateAlias', run: updateAlias, readOnly: false },
  { name: 'Verify', run: verify, readOnly: true },
];

/** Every operation by its name in `X-Amz-Target: TrentService.<name>`. */
export const OPERATIONS: ReadonlyMap<string, NamedOperation> = new Map(TABLE.map((entry) => [entry.name, entry]));
