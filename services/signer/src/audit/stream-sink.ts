import type { Writable } from 'node:stream';
import type { Sink } from './sink.ts';

/** Standard output: lines are taken once the pipe has them. Who collects them keeps those that begin with `{"chain":` or `{"checkpoint":`. */
export function createStreamSink(stream: Writable): Sink {
  const onError = () => undefined; // a write tells of it
  stream.on('error', onError);
  return {
    name: 'stdout',
    open: async () => {},
    write: (lines) =>
      new Promise((resolve, reject) => {
        stream.write(lines, (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => void stream.off('error', onError),
  };
}
