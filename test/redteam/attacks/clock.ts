import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { authorization, bytesOf, carrying, stellar } from '../forge/requests.ts';
import { between, reshaped } from '../forge/stellar.ts';

// The clocks of the signers stand still at this second, and the attacker knows it.
const LIFETIME = 300n;

/** min and max time, in seconds from the clock of the signer. */
type Bounds = readonly [minTime: bigint, maxTime: bigint];

const atTheEdge =
  ([min, max]: Bounds) =>
  async (t: Attacker) => {
    const now = BigInt(Math.floor(Date.now() / 1000));
    t.setClock(new Date(Number(now) * 1000));
    const request = stellar(t);
    return t.sign(
      carrying(request, reshaped(bytesOf(request), { cond: between(min === 0n ? 0n : now + min, now + max) })),
    );
  };

/** The seconds on either side of a rule about time; what lies within is signed by other attacks on the way. */
const EDGES = attacks<Bounds>('stellar', 'C12', atTheEdge, [
  ['clock-this-second', 'an end in this very second', 'an end in time', 'POLICY_DENIED TRANSACTION_EXPIRED', [0n, 0n]],
  [
    'clock-a-second-longer',
    'an end one second beyond the longest life',
    'an end in time',
    'POLICY_DENIED LIFETIME_ABOVE_LIMIT',
    [0n, LIFETIME + 1n],
  ],
  ['clock-next-second', 'a beginning in one second', 'valid from now', 'POLICY_DENIED VALID_LATER', [1n, 60n]],
  [
    'clock-uint64',
    'an end at the end of 64 bits, which wraps where it is added to',
    'an end in time',
    'POLICY_DENIED LIFETIME_ABOVE_LIMIT',
    [0n, 2n ** 63n],
  ],
]);

const overTime = attacks<(t: Attacker) => Promise<string>>('stellar', 'C12', (step) => step, [
  [
    'clock-replay-expired',
    'a transaction that was signed, asked for again after its end',
    'replays pass every stage',
    'POLICY_DENIED TRANSACTION_EXPIRED',
    async (t) => {
      const request = stellar(t);
      await t.prepare(request);
      t.setClock(new Date(Date.now() + 121_000));
      return t.sign(request);
    },
  ],
  [
    'clock-stored-up',
    'a transaction for tomorrow, stored up today',
    'an end in time',
    'POLICY_DENIED LIFETIME_ABOVE_LIMIT',
    async (t) => t.sign(stellar(t, {}, { maxTime: BigInt(Math.floor(Date.now() / 1000) + 86_400) })),
  ],
]);

const ledgers = attacks<number>(
  'authorization',
  'C18',
  (ledger) => async (t) => t.sign(authorization(t, {}, { expirationLedger: ledger })),
  [
    [
      'clock-ledger-far',
      'an authorization for a day of ledgers',
      'life of an authorization',
      'POLICY_DENIED AUTHORIZATION_LIFETIME_ABOVE_LIMIT',
      20_000,
    ],
    [
      'clock-ledger-last',
      'an authorization until the last ledger that there can be',
      'life of an authorization',
      'POLICY_DENIED AUTHORIZATION_LIFETIME_ABOVE_LIMIT',
      2 ** 32 - 1,
    ],
  ],
);

export const CLOCK = [...EDGES, ...overTime, ...ledgers];
