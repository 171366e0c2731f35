// Preloaded into a signer that is to die: `--import`. DIE_AT names a boundary (`after reserve`), DIE_ON the arrival there that kills
// the process, as nothing it could still do would: SIGKILL. The signer itself knows nothing of this; its source is changed as it loads.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const { DIE_AT, DIE_ON } = process.env;
const RUN = 'const result = await run();';
let arrivals = 0;

globalThis.countersignReached = (boundary) => {
  if (boundary !== DIE_AT) return;
  arrivals += 1;
  if (arrivals === Number(DIE_ON)) process.kill(process.pid, 'SIGKILL');
};

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('/services/signer/dist/signing/trail.js')) return nextLoad(url, context);
    const source = readFileSync(fileURLToPath(url), 'utf8');
    if (source.split(RUN).length !== 2) throw new Error(`trail.js: expected once: ${RUN}`);
    const reached = (when) => `globalThis.countersignReached('${when} ' + name);`;
    return {
      format: 'module',
      shortCircuit: true,
      source: source.replace(RUN, `${reached('before')} ${RUN} ${reached('after')}`),
    };
  },
});
