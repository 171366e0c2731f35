import { cancelRequest, evmRequest, stellarRequest } from '../../harness/requests.ts';
import { authorizationRequest, invocationRequest } from '../../harness/soroban-requests.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { channel, declaring, evm, secondsFromNow, stellar } from '../forge/requests.ts';
import { PAYER } from '../rules.ts';

type Steps = (t: Attacker) => Promise<string>;
const run = (steps: Steps) => steps;
const bound = (reason: string) => `PAYOUT_BOUND ${reason}`;
const BOUND = 'a payout has one lane';
const TERMS = 'a payout has one set of terms';
const REQUESTS = 'a request id has one content';

/** A second transaction for a payout that has one already. */
const again =
  (
    change: (
      t: Attacker,
      first: { id: string; sequence: bigint },
    ) => Parameters<Attacker['sign']>[0] | Promise<Parameters<Attacker['sign']>[0]>,
  ): Steps =>
  async (t) => {
    const first = { id: t.payout(), sequence: t.sequence() };
    await t.prepare(stellar(t, { id: first.id }, { sequence: first.sequence }));
    return t.sign(await change(t, first), (await t.replicas.get('two')).client);
  };

/** Pay twice what was ordered once. */
export const DOUBLE_PAY = attacks<Steps>('lanes', 'C19', run, [
  [
    'double-next-lane',
    'the same payout in the next lane of the channel',
    BOUND,
    bound('OTHER_LANE'),
    again((t, { id, sequence }) => stellar(t, { id }, { sequence: sequence + 1024n })),
  ],
  [
    'double-edge',
    'the same payout on the first number behind the lane’s end',
    BOUND,
    bound('OTHER_LANE'),
    async (t) => {
      const end = t.sequence() + 1023n;
      const id = t.payout();
      await t.prepare(stellar(t, { id }, { sequence: end }));
      return t.sign(stellar(t, { id }, { sequence: end + 1n }));
    },
  ],
  [
    'double-before',
    'the same payout in the lane before',
    BOUND,
    bound('OTHER_LANE'),
    again((t, { id, sequence }) => stellar(t, { id }, { sequence: sequence - 1n })),
  ],
  [
    'double-channel',
    'the same payout and number on another channel',
    BOUND,
    bound('OTHER_LANE'),
    again((t, { id, sequence }) => stellar(t, { id }, { sequence, channel: channel(t, 1) })),
  ],
  [
    'double-expired',
    'the same payout again, once the first transaction has expired: expired is not unpaid',
    BOUND,
    bound('OTHER_LANE'),
    async (t) => {
      const id = t.payout();
      await t.prepare(stellar(t, { id }));
      t.setClock(new Date(Date.now() + 3_600_000));
      return t.sign(stellar(t, { id }, { maxTime: secondsFromNow(3_700) }));
    },
  ],
  [
    'double-rail-authorization',
    'a payout paid on a channel, and by an authorization too',
    BOUND,
    bound('OTHER_LANE'),
    again((t, { id }) => authorizationRequest(t.world, { id })),
  ],
  [
    'double-rail-evm',
    'a payout paid on Stellar, and on EVM too',
    BOUND,
    bound('OTHER_LANE'),
    again((t, { id }) => evm(t, { id })),
  ],
  [
    'double-rail-back',
    'a payout paid on EVM, and on Stellar too',
    BOUND,
    bound('OTHER_LANE'),
    async (t) => {
      const id = t.payout();
      await t.prepare(await evm(t, { id }));
      return t.sign(stellar(t, { id }));
    },
  ],
  [
    'double-after-cancel',
    'a payout whose nonce is canceled, on the next nonce: either may have won',
    BOUND,
    bound('OTHER_LANE'),
    async (t) => {
      const id = t.payout();
      const nonce = await t.nonce();
      await t.prepare(await evm(t, { id }));
      await t.prepare(cancelRequest(t.world, nonce, nonce));
      return t.sign(await evm(t, { id }));
    },
  ],
  [
    'double-stowaway',
    'a payout that is paid, among others in a new lane',
    BOUND,
    bound('OTHER_LANE'),
    async (t) => {
      const paid = t.payout();
      await t.prepare(stellar(t, { id: paid }));
      return t.sign(
        stellarRequest(t.world, [{ id: t.payout() }, { id: paid }, { id: t.payout() }], { sequence: t.sequence() }),
      );
    },
  ],
  [
    'double-replica',
    'the same payout in 24 lanes at once, over two replicas',
    BOUND,
    'PAYOUT_BOUND OTHER_LANE × 23, signed × 1',
    async (t) => {
      const id = t.payout();
      return t.race(Array.from({ length: 24 }, (_, i) => stellar(t, { id }, { channel: channel(t, i % 3) })));
    },
  ],
  [
    'double-rails-race',
    'one payout on three rails at once, over two replicas',
    BOUND,
    'PAYOUT_BOUND OTHER_LANE × 2, signed × 1',
    async (t) => {
      const id = t.payout();
      return t.race([stellar(t, { id }), await evm(t, { id }), authorizationRequest(t.world, { id })]);
    },
  ],
  [
    'double-authorization',
    'a second authorization of a payout, with a later end',
    'one authorization a payout',
    bound('OTHER_AUTHORIZATION'),
    async (t) => {
      const id = t.payout();
      await t.prepare(authorizationRequest(t.world, { id }));
      return t.sign(authorizationRequest(t.world, { id }, { expirationLedger: 501 }));
    },
  ],
  [
    'double-authorization-race',
    'an authorization in 16 versions at once',
    'one authorization a payout',
    'PAYOUT_BOUND OTHER_AUTHORIZATION × 15, signed × 1',
    async (t) => {
      const id = t.payout();
      return t.race(
        Array.from({ length: 16 }, (_, i) => authorizationRequest(t.world, { id }, { expirationLedger: 400 + i })),
      );
    },
  ],
  [
    'double-classic-after',
    'a payout that is authorized, by a payment on a channel too',
    BOUND,
    bound('OTHER_LANE'),
    async (t) => {
      const id = t.payout();
      await t.prepare(authorizationRequest(t.world, { id }));
      return t.sign(stellar(t, { id }));
    },
  ],
]);

/** Change what a payout id stands for, or whose lane it is. */
export const BINDINGS = attacks<Steps>('lanes', 'C20', run, [
  [
    'terms-amount',
    'a bound payout with a larger amount',
    TERMS,
    bound('OTHER_TERMS'),
    again((t, { id, sequence }) => stellar(t, { id, amount: 10_000_001n }, { sequence: sequence + 1n })),
  ],
  [
    'terms-destination',
    'a bound payout to another listed destination',
    TERMS,
    bound('OTHER_TERMS'),
    again((t, { id, sequence }) =>
      stellar(t, { id, destination: t.world.recipients.stellar[1] ?? '' }, { sequence: sequence + 1n }),
    ),
  ],
  [
    'terms-memo',
    'a bound payout with a memo of the attacker’s',
    TERMS,
    bound('OTHER_TERMS'),
    again((t, { id, sequence }) =>
      stellar(t, { id }, { sequence: sequence + 1n, memo: { type: 'text', value: 'me' } }),
    ),
  ],
  [
    'terms-other-caller',
    'a bound payout with other terms, asked for by another caller',
    TERMS,
    bound('OTHER_TERMS'),
    async (t) => {
      const nonce = await t.nonce();
      const id = t.payout();
      await t.prepare(await evm(t, { id }));
      const certificate = await t.world.pki.issue({ name: 'other-payer', uris: [PAYER] });
      const { signer } = await t.replicas.get('one');
      const payer = t.world.connect(signer, { caFile: t.world.pki.apiCaFile, ...certificate });
      return t.sign(await evm(t, { id, amount: 5n }, { nonce }), payer);
    },
  ],
  [
    'terms-evm-amount',
    'a replacement on the nonce, of a larger amount',
    TERMS,
    bound('OTHER_TERMS'),
    async (t) => {
      const nonce = await t.nonce();
      const id = t.payout();
      await t.prepare(await evm(t, { id }));
      return t.sign(await evm(t, { id, amount: 2_000_000_000n }, { nonce }));
    },
  ],
  [
    'bytes-other-payout',
    'signed bytes, declared as another payout: two are marked paid',
    'one declaration a transaction',
    bound('TRANSACTION_DECLARED_OTHERWISE'),
    async (t) => {
      const request = stellar(t);
      await t.prepare(request);
      return t.sign({ ...declaring(request, { payoutId: t.payout() }), requestId: t.payout() });
    },
  ],
  [
    'request-id-other-bytes',
    'a request id again, with other bytes',
    REQUESTS,
    'REQUEST_ID_REUSED',
    async (t) => {
      const first = stellar(t);
      await t.prepare(first);
      return t.sign({ ...stellar(t), requestId: first.requestId });
    },
  ],
  [
    'request-id-other-payout',
    'a request id again, with the same bytes and another payout',
    REQUESTS,
    'REQUEST_ID_REUSED',
    async (t) => {
      const request = stellar(t);
      await t.prepare(request);
      return t.sign(declaring(request, { payoutId: t.payout() }));
    },
  ],
  [
    'request-id-other-key',
    'a request id again, with another key',
    REQUESTS,
    'REQUEST_ID_REUSED',
    async (t) => {
      const first = stellar(t);
      await t.prepare(first);
      return t.sign({ ...(await evm(t)), requestId: first.requestId });
    },
  ],
  [
    'nonce-taken',
    'a nonce that carries another payout',
    'a nonce has one payout',
    'LANE_TAKEN LANE_TAKEN',
    async (t) => {
      const nonce = await t.nonce();
      await t.prepare(await evm(t));
      return t.sign(await evm(t, {}, { nonce, maxFeePerGas: 200_000_000_000n }));
    },
  ],
  [
    'nonce-taken-race',
    'one nonce for 16 payouts at once, over two replicas',
    'a nonce has one payout',
    'LANE_TAKEN LANE_TAKEN × 15, signed × 1',
    async (t) => {
      const nonce = await t.nonce();
      return t.race(
        await Promise.all(
          Array.from({ length: 16 }, (_, i) => evm(t, {}, { nonce, maxFeePerGas: 100_000_000_000n + BigInt(i) })),
        ),
      );
    },
  ],
  [
    'nonce-gap',
    'a nonce ahead of its turn: what follows waits for ever',
    'no gap between nonces',
    'NONCE_OUT_OF_WINDOW NONCE_GAP',
    async (t) => {
      const nonce = await t.nonce();
      return t.sign(evmRequest(t.world, { id: t.payout() }, { nonce: nonce + 1n }, { lowestOpenNonce: nonce }));
    },
  ],
  [
    'nonce-window',
    'a 17th nonce ahead of the lowest open one',
    'a window of nonces',
    'NONCE_OUT_OF_WINDOW NONCE_TOO_FAR_AHEAD',
    async (t) => {
      const lowestOpenNonce = await t.nonce();
      for (let nonce = lowestOpenNonce; nonce < lowestOpenNonce + 16n; nonce++) {
        await t.prepare(evmRequest(t.world, { id: t.payout() }, { nonce }, { lowestOpenNonce }));
      }
      return t.sign(evmRequest(t.world, { id: t.payout() }, { nonce: lowestOpenNonce + 16n }, { lowestOpenNonce }));
    },
  ],
  [
    'nonce-lie',
    'a report that nonces which were never signed are final, to reach far ahead',
    'no gap between nonces',
    'NONCE_OUT_OF_WINDOW NONCE_GAP',
    async (t) => {
      await t.prepare(await evm(t));
      return t.sign(evmRequest(t.world, { id: t.payout() }, { nonce: 10n ** 12n }, { lowestOpenNonce: 10n ** 12n }));
    },
  ],
  [
    'envelopes-33',
    'a 33rd envelope around one authorization: each may cost its fee',
    'a count of envelopes',
    'LANE_EXHAUSTED LANE_EXHAUSTED',
    async (t) => {
      const id = t.payout();
      const { signedTransaction } = await t.prepare(authorizationRequest(t.world, { id }));
      const ask = () => invocationRequest(t.world, { id }, signedTransaction, { sequence: t.sequence() });
      for (let i = 0; i < 32; i++) await t.prepare(ask());
      return t.sign(ask());
    },
  ],
]);
