import { optionalInteger, requiredText } from '../input.ts';
import { invalidState } from '../kms-key.ts';
import type { Operation } from './operation.ts';

const DAY_MS = 86_400_000;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export const scheduleKeyDeletion: Operation = ({ input, store }) => {
  const key = store.findById(requiredText(input, 'KeyId'));
  const days = optionalInteger(input, 'PendingWindowInDays', 7, 30) ?? 30;
  if (key.state === 'PendingDeletion') throw invalidState(key.arn, key.state);
  key.state = 'PendingDeletion';
  key.deletionDate = new Date(store.now().getTime() + days * DAY_MS);
  return {
    KeyId: key.arn,
    DeletionDate: key.deletionDate.getTime() / 1000,
    KeyState: key.state,
    PendingWindowInDays: days,
  };
};

/** The key is disabled afterwards. https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html */
export const cancelKeyDeletion: Operation = ({ input, store }) => {
  const key = store.findById(requiredText(input, 'KeyId'));
  if (key.state !== 'PendingDeletion') throw invalidState(key.arn, key.state);
  key.state = key.material === undefined ? 'PendingImport' : 'Disabled';
  key.deletionDate = undefined;
  return { KeyId: key.arn };
};
