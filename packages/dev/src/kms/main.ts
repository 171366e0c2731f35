import { readKmsConfig } from './config.ts';
import { startKms } from './start-kms.ts';

/** `node main.js [config.json]`: one line of JSON on stdout when it listens, then quiet until SIGTERM or SIGINT. */
const kms = await startKms(await readKmsConfig(process.argv[2], process.env));
process.stdout.write(`${JSON.stringify({ ready: true, url: kms.url, region: kms.region, keys: kms.keys })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void kms.close());
}
