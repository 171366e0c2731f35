import { type Input, limitOf, optionalText, requiredText } from '../input.ts';
import type { Alias, KeyStore } from '../key-store.ts';
import { KmsError } from '../kms-error.ts';
import { invalidState } from '../kms-key.ts';
import { page } from '../page.ts';
import type { Operation } from './operation.ts';

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const createAlias: Operation = ({ input, store }) => {
  store.name(aliasName(input), targetKey(input, store));
  return undefined;
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html: spec and usage have to stay the same. */
export const updateAlias: Operation = ({ input, store }) => {
  const alias = existing(input, store);
  const key = targetKey(input, store);
  if (key.spec !== alias.key.spec || key.usage !== alias.key.usage) {
    throw new KmsError('ValidationException', `Alias ${alias.arn} cannot be moved to a key of another spec or usage.`);
  }
  alias.key = key;
  alias.updatedAt = new Date();
  return undefined;
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html */
export const deleteAlias: Operation = ({ input, store }) => {
  store.aliases.delete(existing(input, store).name);
  return undefined;
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html */
export const listAliases: Operation = ({ input, store }) => {
  const reference = optionalText(input, 'KeyId');
  const key = reference === undefined ? undefined : store.find(reference);
  const all = [...store.aliases.values()].filter((alias) => key === undefined || alias.key === key);
  const { items, ...more } = page(all, input, limitOf(input, 50, 100));
  return {
    Aliases: items.map((alias) => ({
      AliasName: alias.name,
      AliasArn: alias.arn,
      TargetKeyId: alias.key.id,
      CreationDate: alias.createdAt.getTime() / 1000,
      LastUpdatedDate: alias.updatedAt.getTime() / 1000,
    })),
    ...more,
  };
};

function aliasName(input: Input): string {
  const name = requiredText(input, 'AliasName', 256);
  if (!name.startsWith('alias/')) {
    throw new KmsError('ValidationException', 'Invalid identifier: an alias must start with the prefix "alias/".');
  }
  if (name.startsWith('alias/aws/') || !/^alias\/[a-zA-Z0-9/_-]+$/.test(name)) {
    throw new KmsError('InvalidAliasNameException', `The alias name ${name} is not valid.`);
  }
  return name;
}

function existing(input: Input, store: KeyStore): Alias {
  const name = aliasName(input);
  const alias = store.aliases.get(name);
  if (alias === undefined) throw new KmsError('NotFoundException', `Alias ${store.aliasArn(name)} is not found.`);
  return alias;
}

/** An alias leads to a key, never to another alias. */
function targetKey(input: Input, store: KeyStore) {
  const reference = requiredText(input, 'TargetKeyId');
  if (reference.includes('alias/'))
    throw new KmsError('ValidationException', 'Aliases must refer to keys. Not aliases');
  const key = store.find(reference);
  if (key.state === 'PendingDeletion') throw invalidState(key.arn, key.state);
  return key;
}
