/**
 * Gives every `bytes` field of a decoded message memory of its own. protobuf-es decodes to views into the buffer it
 * was handed, which in Node is a pool shared with everything else that the process reads and writes.
 */
export function ownBytes<Message extends object>(message: Message): Message {
  for (const [name, value] of Object.entries(message)) {
    if (value instanceof Uint8Array) Reflect.set(message, name, new Uint8Array(value));
    else if (typeof value === 'object' && value !== null) ownBytes(value);
  }
  return message;
}
