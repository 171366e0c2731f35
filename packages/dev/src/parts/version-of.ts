import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const WAIT_MS = 10_000;

/** The version that Go wrote into a program when it built the module's main package (`go version -m` shows the same). */
export function goModuleVersion(file: string, module: string): string | undefined {
  const [, version] = readFileSync(file, 'latin1').split(`\nmod\t${module}\t`, 2);
  return version === undefined ? undefined : /^v[^\t\n]+/.exec(version)?.[0];
}

/** The version of the package that a Python script belongs to: asked of the interpreter of its virtual environment. */
export function pythonPackageVersion(file: string, name: string): string | undefined {
  const python = join(dirname(realpathSync(file)), 'python3');
  const program = `import importlib.metadata as m; print(m.version('${name}'))`;
  return spawnSync(python, ['-c', program], { encoding: 'utf8', timeout: WAIT_MS }).stdout?.trim() || undefined;
}

/** The version that the program tells of itself: `prometheus, version 2.42.0+ds (branch: debian/sid, …`, `OpenBao v2.7.2 (9e0a…`. */
export function saidVersion(file: string): string | undefined {
  const { stdout, stderr } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: WAIT_MS });
  return /(?:version |OpenBao v)(\d[^\s,]*)/.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1];
}

/** The version that the `ssh` beside a program of OpenSSH tells: `OpenSSH_9.2p1 Debian-2, OpenSSL …`. */
export function opensshVersion(file: string): string | undefined {
  const ssh = join(dirname(realpathSync(file)), 'ssh');
  const { stdout, stderr } = spawnSync(ssh, ['-V'], { encoding: 'utf8', timeout: WAIT_MS });
  return /OpenSSH\w*?_(\d[^\s,]*)/.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1];
}

/** The version that SoftHSM's own tool tells: a library says nothing of itself. */
export function softhsmVersion(): string | undefined {
  const { stdout } = spawnSync('softhsm2-util', ['--version'], { encoding: 'utf8', timeout: WAIT_MS });
  return /^\d\S*/.exec(stdout ?? '')?.[0];
}
