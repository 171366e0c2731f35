import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { setTimeout } from 'node:timers/promises';
import { beginCall } from '../../harness/raw-http2.ts';

/** What is sent as one gRPC call, byte by byte. */
export interface RawCall {
  readonly path?: string;
  /** Laid over those of a gRPC call. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
}

const SIGN = '/countersign.signer.v1.SignerService/SignTransaction';
const MAX_MS = 5_000;

/** Names of gRPC status codes, by number. */
const STATUS: Readonly<Record<string, string>> = {
  0: 'OK',
  3: 'INVALID_ARGUMENT',
  4: 'DEADLINE_EXCEEDED',
  8: 'RESOURCE_EXHAUSTED',
  12: 'UNIMPLEMENTED',
  13: 'INTERNAL',
};

/** Makes one call. @returns the name of its gRPC status, `HTTP <status>`, `reset` or `no answer`. */
export function rawCall(session: ClientHttp2Session, { path = SIGN, headers = {}, body }: RawCall): Promise<string> {
  const outcome = new Promise<string>((resolve) => {
    const stream = beginCall(session, path, headers);
    let status = '';
    const note = (answer: { readonly [name: string]: unknown }) => {
      const grpc = answer['grpc-status'];
      if (grpc !== undefined) resolve(STATUS[String(grpc)] ?? `status ${String(grpc)}`);
    };
    stream.on('response', (answer) => {
      status = String(answer[':status']);
      note(answer);
    });
    stream.on('trailers', note);
    stream.on('end', () => resolve(`HTTP ${status}`));
    stream.on('close', () => resolve('reset'));
    stream.resume();
    stream.end(body);
  });
  return Promise.race([outcome, setTimeout(MAX_MS, 'no answer', { ref: false })]);
}

/** A message behind its prefix: whether it is compressed, and its length. */
export function framed(message: Uint8Array, { compressed = 0, length = message.length } = {}): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}
