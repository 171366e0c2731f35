import { signerctl } from '../src/signerctl.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command without a process, and without variables. */
export const run = (...args: readonly string[]): Promise<Ran> => runWith({}, ...args);

export async function runWith(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await signerctl(args, {
    env,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}
