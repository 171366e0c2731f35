import { toBinary } from '@bufbuild/protobuf';
import { SignTransactionRequestSchema } from '@countersign/contract/signer';
import { rawHttp2 } from '../../harness/raw-http2.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { framed, type RawCall, rawCall } from '../forge/grpc.ts';
import { stellar } from '../forge/requests.ts';

/** A good request as bytes, in the hands of the attacker. */
type Forge = (good: Uint8Array) => RawCall;

const run = (forge: Forge) => (t: Attacker) =>
  t.disturb(async (port) => {
    const session = await rawHttp2(t.world, { port });
    try {
      return await rawCall(session, forge(toBinary(SignTransactionRequestSchema, stellar(t))));
    } finally {
      session.destroy();
    }
  });

/** The good request with these bytes behind it, which a decoder reads as more of its fields. */
const followedBy =
  (...bytes: number[]): Forge =>
  (good) => ({ body: framed(Uint8Array.of(...good, ...bytes)) });

const MESSAGE = 'strict messages';
const FRAME = 'one whole message a call';
const INVALID = 'INVALID_ARGUMENT';
const METHODS = 'methods of the contract';

/** Calls that are none. */
export const GRPC = attacks<Forge>('wall', 'C7', run, [
  [
    'grpc-garbage',
    'bytes that are no message',
    MESSAGE,
    INVALID,
    () => ({ body: framed(new Uint8Array(64).fill(0xff)) }),
  ],
  [
    'grpc-wire-type',
    'a field of another wire type',
    MESSAGE,
    INVALID,
    () => ({ body: framed(Uint8Array.of(0x08, 0x01)) }),
  ],
  [
    'grpc-length',
    'a field longer than the message',
    MESSAGE,
    INVALID,
    () => ({ body: framed(Uint8Array.of(0x0a, 0x7f, 0x41)) }),
  ],
  ['grpc-varint', 'a number of eleven bytes', MESSAGE, INVALID, followedBy(0x18, ...new Array(10).fill(0xff), 0x01)],
  ['grpc-utf8', 'text that is not UTF-8', MESSAGE, INVALID, followedBy(0x0a, 0x02, 0xc3, 0x28)],
  ['grpc-group', 'a group that does not end', MESSAGE, INVALID, followedBy(0x7b)],
  ['grpc-field-0', 'a field of number 0', MESSAGE, INVALID, followedBy(0x02, 0x00)],
  [
    'grpc-unknown-field',
    'a field that the contract does not have: what one side means, the other does not see',
    MESSAGE,
    INVALID,
    followedBy(0xfa, 0x07, 0x01, 0x41),
  ],
  [
    'grpc-field-twice',
    'a key twice: one reader takes the first, another the last',
    MESSAGE,
    INVALID,
    followedBy(0x12, 0x0c, ...Buffer.from('treasury-evm')),
  ],
  [
    'grpc-order',
    'fields in another order: the same request in other bytes',
    MESSAGE,
    INVALID,
    (good) => ({ body: framed(reordered(good)) }),
  ],
  [
    'grpc-long-number',
    'a number in more bytes than it needs',
    MESSAGE,
    INVALID,
    (good) => ({ body: framed(lengthened(good)) }),
  ],
  ['grpc-default', 'a purpose of 0, spelled out', MESSAGE, INVALID, followedBy(0x18, 0x00)],
  [
    'grpc-large',
    'a message of 512 KiB',
    'size of a message',
    INVALID,
    () => ({ body: framed(new Uint8Array(512 * 1024)) }),
  ],
  [
    'grpc-4-gib',
    'a message that says it has 4 GiB',
    'size of a message',
    'RESOURCE_EXHAUSTED',
    (good) => ({ body: framed(good, { length: 0xffffffff }) }),
  ],
  ['grpc-nothing', 'a call without a message', FRAME, 'UNIMPLEMENTED', () => ({})],
  [
    'grpc-truncated',
    'half a message',
    FRAME,
    'UNIMPLEMENTED',
    (good) => ({ body: framed(good).subarray(0, good.length / 2) }),
  ],
  [
    'grpc-two-messages',
    'two messages in one call: which one is answered?',
    FRAME,
    'UNIMPLEMENTED',
    (good) => ({ body: Buffer.concat([framed(good), framed(good)]) }),
  ],
  [
    'grpc-gzip',
    'gzip that is none',
    FRAME,
    'INTERNAL',
    (good) => ({ headers: { 'grpc-encoding': 'gzip' }, body: framed(good, { compressed: 1 }) }),
  ],
  [
    'grpc-encoding',
    'an encoding that is not there',
    FRAME,
    'UNIMPLEMENTED',
    (good) => ({ headers: { 'grpc-encoding': 'br' }, body: framed(good, { compressed: 1 }) }),
  ],
  [
    'grpc-method',
    'a method that signs hashes',
    METHODS,
    'UNIMPLEMENTED',
    (good) => ({ path: '/countersign.signer.v1.SignerService/SignHash', body: framed(good) }),
  ],
  [
    'grpc-reflection',
    'reflection, to learn the contract',
    METHODS,
    'UNIMPLEMENTED',
    (good) => ({ path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', body: framed(good) }),
  ],
  [
    'grpc-path',
    'a path that climbs to the method',
    METHODS,
    'UNIMPLEMENTED',
    (good) => ({ path: '/x/../countersign.signer.v1.SignerService/SignTransaction', body: framed(good) }),
  ],
  [
    'grpc-case',
    'the method in small letters',
    METHODS,
    'UNIMPLEMENTED',
    (good) => ({ path: '/countersign.signer.v1.signerservice/signtransaction', body: framed(good) }),
  ],
  ['grpc-get', 'a GET, as a browser would send', METHODS, 'UNIMPLEMENTED', () => ({ headers: { ':method': 'GET' } })],
  [
    'grpc-json',
    'JSON instead of protobuf',
    METHODS,
    'HTTP 415',
    () => ({ headers: { 'content-type': 'application/json' }, body: Buffer.from('{"keyId":"treasury-stellar"}') }),
  ],
  [
    'grpc-timeout-0',
    'a deadline that has passed',
    'deadlines',
    'DEADLINE_EXCEEDED',
    (good) => ({ headers: { 'grpc-timeout': '0n' }, body: framed(good) }),
  ],
  [
    'grpc-timeout-text',
    'a deadline that is none',
    'deadlines',
    'INTERNAL',
    (good) => ({ headers: { 'grpc-timeout': 'soon' }, body: framed(good) }),
  ],
]);

/** The first field, the request id, behind all others. */
function reordered(message: Uint8Array): Uint8Array {
  const end = 2 + (message[1] ?? 0);
  return Buffer.concat([message.subarray(end), message.subarray(0, end)]);
}

/** The length of the first field written in two bytes. */
function lengthened(message: Uint8Array): Uint8Array {
  const [tag = 0, length = 0] = message;
  return Buffer.concat([Buffer.of(tag, length | 0x80, 0), message.subarray(2)]);
}
