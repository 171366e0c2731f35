import { createAlias, deleteAlias, listAliases, updateAlias } from './aliases.ts';
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
  { name: 'CreateAlias', run: createAlias, readOnly: false },
  { name: 'CreateKey', run: createKey, readOnly: false },
  { name: 'DeleteAlias', run: deleteAlias, readOnly: false },
  { name: 'DescribeKey', run: describeKey, readOnly: true },
  { name: 'DisableKey', run: setEnabled(false), readOnly: false },
  { name: 'EnableKey', run: setEnabled(true), readOnly: false },
  { name: 'GetPublicKey', run: getPublicKey, readOnly: true },
  { name: 'ListAliases', run: listAliases, readOnly: true },
  { name: 'ListKeys', run: listKeys, readOnly: true },
  { name: 'Sign', run: sign, readOnly: true },
  { name: 'UpdateAlias', run: updateAlias, readOnly: false },
  { name: 'Verify', run: verify, readOnly: true },
];

/** Every operation by its name in `X-Amz-Target: TrentService.<name>`. */
export const OPERATIONS: ReadonlyMap<string, NamedOperation> = new Map(TABLE.map((entry) => [entry.name, entry]));
