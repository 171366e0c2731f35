import { once } from 'node:events';
import type { Backend } from '@countersign/custody/backend';
import { CustodyError } from '@countersign/custody/error';
import type { RegisteredKey } from '@countersign/custody/registry';
import type { Fault } from './steps.ts';

/** The keys as they are, but for failures that are asked for, and a list of everything they ever signed. */
export class WatchedKeys {
  readonly keys: ReadonlyMap<string, RegisteredKey>;
  /** key id, hash. */
  readonly signed = new Set<string>();
  readonly #faults = new Map<string, Fault>();

  constructor(keys: ReadonlyMap<string, RegisteredKey>) {
    this.keys = new Map(
      [...keys].map(([id, key]) => {
        const { legacy } = key.custodies;
        if (legacy === undefined) throw new Error(`expected a legacy custody of ${id}`);
        return [id, { ...key, custodies: { legacy: this.#watched(id, legacy) } }];
      }),
    );
  }

  /** The next time that this is to be signed, it fails like that. */
  arm(keyId: string, hash: string, fault: Fault): void {
    this.#faults.set(`${keyId} ${hash}`, fault);
  }

  armed(keyId: string, hash: string): Fault | undefined {
    return this.#faults.get(`${keyId} ${hash}`);
  }

  disarm(): void {
    this.#faults.clear();
  }

  #watched(keyId: string, backend: Backend): Backend {
    return {
      ...backend,
      sign: async (message, signal) => {
        const what = `${keyId} ${Buffer.from(message).toString('hex')}`;
        const fault = this.#faults.get(what);
        this.#faults.delete(what);
        if (fault === 'refused') throw new CustodyError('REFUSED', 'refused for a test');
        if (fault === 'unavailable') throw new CustodyError('UNAVAILABLE', 'unavailable for a test');
        if (fault === 'hangs') {
          await once(signal, 'abort');
          throw new CustodyError('UNAVAILABLE', 'hung for a test');
        }
        const answer = await backend.sign(message, signal);
        if (fault === 'wrong') return { ...answer, signature: new Uint8Array(answer.signature).reverse() };
        this.signed.add(what);
        if (fault === 'lost') throw new CustodyError('UNAVAILABLE', 'lost for a test');
        return answer;
      },
    };
  }
}

/** How a request ends that meets the fault. */
export const FAULT_WORDS: Readonly<Record<Fault, string>> = {
  refused: 'CUSTODY_REFUSED',
  unavailable: 'CUSTODY_UNAVAILABLE',
  hangs: 'CUSTODY_UNAVAILABLE',
  lost: 'CUSTODY_UNAVAILABLE',
  wrong: 'SIGNATURE_INVALID',
};
