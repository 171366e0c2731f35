import { INVALID_PARAMS, JsonRpcError, type Params } from '../json-rpc.ts';

export function invalidParams(message: string): JsonRpcError {
  return new JsonRpcError(INVALID_PARAMS, message);
}

/** The bytes of a base64 text; undefined when it is none. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
    return undefined;
  }
  return new Uint8Array(Buffer.from(value, 'base64'));
}

/** Stellar RPC can also answer in JSON; this server cannot. */
export function checkFormat({ xdrFormat = '' }: Params): void {
  if (xdrFormat === '' || xdrFormat === 'base64') return;
  throw invalidParams(`expected xdrFormat base64, got ${xdrFormat}`);
}
