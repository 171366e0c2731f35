import type { Tampering } from '../faults.ts';
import type { Imports } from '../imports.ts';
import type { Input } from '../input.ts';
import type { KeyStore } from '../key-store.ts';

/** What an operation works on. */
export interface Call {
  readonly input: Input;
  readonly store: KeyStore;
  readonly imports: Imports;
  /** An injected fault that spoils the signature of this call. */
  readonly tampering: Tampering | undefined;
}

/** Answers with the JSON object of the response; undefined is an empty body. @throws KmsError */
export type Operation = (call: Call) => object | undefined;
