import { readStellarConfig } from './config.ts';
import { startStellarRpc } from './rpc/server.ts';

/** `node main.js`: one line of JSON on stdout when it listens, then quiet until SIGTERM or SIGINT. */
const rpc = await startStellarRpc(readStellarConfig(process.env));
process.stdout.write(`${JSON.stringify({ ready: true, url: rpc.url })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void rpc.close());
}
