import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Reason } from '../errors.ts';
import { ownBytes } from './own-bytes.ts';

/** A request as it came: the message, or why it is none. */
export type Received<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'unreadable'; readonly reason: Reason; readonly bytes: Uint8Array };

/**
 * Reads one message that has one encoding: the bytes that encoding it again gives. So nothing unknown is in it, no field
 * stands twice or out of order, no default is spelled out, no number is longer than it need be, and no text is mended.
 */
export function receive<Desc extends DescMessage>(schema: Desc, bytes: Buffer): Received<MessageShape<Desc>> {
  let message: MessageShape<Desc>;
  try {
    message = fromBinary(schema, bytes, { readUnknownFields: false });
  } catch {
    return unreadable(bytes, 'MESSAGE_UNDECODABLE', `request: expected a ${schema.typeName}`);
  }
  if (bytes.equals(toBinary(schema, message, { writeUnknownFields: false }))) {
    return { kind: 'message', message: ownBytes(message) };
  }
  return holdsUnknown(fromBinary(schema, bytes, { readUnknownFields: true }))
    ? unreadable(bytes, 'UNKNOWN_FIELD', `request: expected the fields of ${schema.typeName}, got others too`)
    : unreadable(bytes, 'MESSAGE_NOT_CANONICAL', 'request: expected the one canonical encoding of the message');
}

function unreadable(bytes: Buffer, code: string, message: string): Received<never> {
  return { kind: 'unreadable', reason: { code, message }, bytes };
}

/** Whether a message, or one inside it, has kept fields that its schema does not know. */
function holdsUnknown(value: object): boolean {
  return Object.entries(value).some(([name, inner]: [string, unknown]) => {
    if (name === '$unknown') return Array.isArray(inner) && inner.length > 0;
    return typeof inner === 'object' && inner !== null && !ArrayBuffer.isView(inner) && holdsUnknown(inner);
  });
}
