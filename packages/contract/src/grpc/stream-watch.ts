import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Stream } from 'node:http2';

/** The two ends of a connection, which name it while it is open. */
export interface Endpoints {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

const CHANNEL = 'http2.server.stream.created';

/**
 * Calls `onStream` for each request that begins on any HTTP/2 server of this process, with the ends of its connection. It is
 * the one place where a request is seen whose method the gRPC server does not know: that one it answers by itself.
 * https://nodejs.org/api/diagnostics_channel.html#http2
 *
 * @returns what ends it.
 */
export function watchStreams(onStream: (ends: Endpoints) => void): () => void {
  const onMessage = (message: unknown) => {
    const ends = endsOf(message);
    if (ends !== undefined) onStream(ends);
  };
  subscribe(CHANNEL, onMessage);
  return () => {
    unsubscribe(CHANNEL, onMessage);
  };
}

function endsOf(message: unknown): Endpoints | undefined {
  if (typeof message !== 'object' || message === null || !('stream' in message)) return undefined;
  return isServerStream(message.stream) ? message.stream.session?.socket : undefined;
}

/** What the channel hands out has no class that could be asked for. */
function isServerStream(value: unknown): value is ServerHttp2Stream {
  return typeof value === 'object' && value !== null && 'session' in value && 'respond' in value;
}
