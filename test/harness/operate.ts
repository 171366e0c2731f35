import { signerctl } from '@countersign/operator/signerctl';

export interface Operated {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs signerctl against the signer's database. */
export async function operate(
  { postgres }: { readonly postgres: { readonly urls: { readonly signer: string } } },
  ...args: readonly string[]
): Promise<Operated> {
  const printed = { out: '', err: '' };
  const code = await signerctl(args, {
    env: { DATABASE_URL: postgres.urls.signer },
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
  });
  return { code, ...printed };
}
