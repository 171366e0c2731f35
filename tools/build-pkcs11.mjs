// Compiles the addon that the `pkcs11` backend drives an HSM with. Installing leaves it alone: it needs a C++ compiler, make
// and Python, which a machine without an HSM need not have. Nothing is fetched: node-gyp is the one that npm carries, and
// the headers are those that come with Node. They are of Node-API, so that the addon fits any later Node as well.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const custody = createRequire(new URL('../packages/custody/package.json', import.meta.url));
const nodeGyp = process.env.npm_config_node_gyp;
const node = dirname(dirname(realpathSync(process.execPath)));

function fail(problem) {
  console.error(`pkcs11js: ${problem}`);
  process.exit(1);
}

if (nodeGyp === undefined) fail('expected npm to name its node-gyp: run this as `npm run build:pkcs11`');
if (!existsSync(join(node, 'include/node/node_api.h'))) fail(`expected Node's headers in ${node}/include, got none`);

const folder = dirname(custody.resolve('pkcs11js/package.json'));
const built = spawnSync(process.execPath, [nodeGyp, 'rebuild', `--nodedir=${node}`, '--loglevel=error'], {
  cwd: folder,
  encoding: 'utf8',
});
if (built.status !== 0) fail(`it could not be built\n${built.stdout}${built.stderr}`);
console.error(`pkcs11js: built in ${folder}`);
