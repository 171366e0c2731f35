import type { StellarRpc } from '@countersign/dev/stellar';

/** A ledger that closes only when it is told to, and the time that goes with it, in Unix seconds. */
export interface HandClosed {
  readonly now: bigint;
  submit(envelope: Uint8Array): void;
  /** Closes a ledger `seconds` later. */
  close(seconds?: bigint): void;
  /** The worst end: everything that was ever signed is offered again and again, forwards and backwards. */
  offer(signed: readonly { readonly envelope: Uint8Array }[]): void;
}

export function handClosed({ ledger, closeLedger }: Pick<StellarRpc, 'ledger' | 'closeLedger'>): HandClosed {
  let now = ledger.latest().closeTime;
  const submit = (envelope: Uint8Array) => void ledger.submit(envelope, now);
  const close = (seconds = 1n) => {
    now += seconds;
    closeLedger(now);
  };
  return {
    get now() {
      return now;
    },
    submit,
    close,
    offer: (signed) => {
      for (const { envelope } of [...signed, ...signed.toReversed(), ...signed]) {
        submit(envelope);
        close();
        // Time stands still, so that what has not expired by now never does.
        now -= 1n;
      }
      now = ledger.latest().closeTime;
    },
  };
}
