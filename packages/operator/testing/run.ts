import { signerctl } from '../src/signerctl.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command without a process. */
export async function run(...args: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await signerctl(args, {
    env: {},
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}
