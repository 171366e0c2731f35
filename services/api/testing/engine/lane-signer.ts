import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { attachEvmSignature } from '@countersign/chains/evm/attach';
import { decodeEvmTransaction } from '@countersign/chains/evm/decode';
import { evmLaneId } from '@countersign/chains/evm/lane';
import { attachStellarSignature } from '@countersign/chains/stellar/attach';
import { decodeStellarTransaction } from '@countersign/chains/stellar/decode';
import { laneOf, stellarLaneId } from '@countersign/chains/stellar/lane';
import { CountersignError } from '@countersign/contract/errors';
import type { SignerClient } from '@countersign/contract/grpc';
import {
  CustodyPath,
  Purpose,
  type SignTransactionRequest,
  SignTransactionRequestSchema,
  type SignTransactionResponse,
  SignTransactionResponseSchema,
} from '@countersign/contract/signer';
import { Keypair } from '@stellar/stellar-sdk/base';
import { sign } from 'viem/accounts';
import { toHex } from 'viem/utils';

/** What a test can make of the next requests. */
export type Interference =
  /** Refuses before anything is bound. */
  | { readonly kind: 'refuse'; readonly error: (request: SignTransactionRequest) => CountersignError | undefined }
  /** Signs, and the answer is lost. */
  | { readonly kind: 'lose-answer' }
  /** Answers with something else. */
  | { readonly kind: 'answer'; readonly change: (response: SignTransactionResponse) => SignTransactionResponse };

export interface LaneSigner extends Pick<SignerClient, 'signTransaction'> {
  /** Every request that came, in order. */
  readonly requests: readonly SignTransactionRequest[];
  /** For the next `times` requests. */
  interfere(interference: Interference, times?: number): void;
}

export interface LaneSignerKeys {
  /** S… */
  readonly stellarSeed: string;
  /** 0x…, 32 bytes. */
  readonly evmPrivateKey: `0x${string}`;
  /** As the account is written on the lane. */
  readonly evmAddress: string;
}

/**
 * Signs with keys of its own, and keeps the signer's promise: a payout id is bound to one lane for good, an EVM nonce to one
 * payout, nonces without gaps, a request id to one content, the same bytes answered from the record.
 */
export function createLaneSigner(keys: LaneSignerKeys): LaneSigner {
  const requests: SignTransactionRequest[] = [];
  const interferences: Interference[] = [];
  const contents = new Map<string, string>();
  const lanes = new Map<string, string>();
  const carried = new Map<string, string>();
  const recorded = new Map<string, SignTransactionResponse>();
  const stellar = Keypair.fromSecret(keys.stellarSeed);
  let nextNonce: bigint | undefined;

  const bind = (request: SignTransactionRequest, lane: string, sole: boolean) => {
    for (const { payoutId } of request.payouts) {
      const other = lanes.get(payoutId) ?? lane;
      if (other !== lane)
        throw refusal('PAYOUT_BOUND', 'OTHER_LANE', `payout ${payoutId}: bound to lane ${other}, got ${lane}`);
      const carries = carried.get(lane) ?? payoutId;
      if (sole && carries !== payoutId)
        throw refusal('LANE_TAKEN', 'LANE_TAKEN', `lane: ${lane} already carries ${carries}`);
    }
    for (const { payoutId } of request.payouts) {
      lanes.set(payoutId, lane);
      if (sole) carried.set(lane, payoutId);
    }
  };

  const signStellar = (request: SignTransactionRequest, networkPassphrase: string, unsigned: Uint8Array) => {
    const { chain, source, sequence, hash, operations } = decodeStellarTransaction(networkPassphrase, unsigned);
    const closing = operations.at(-1);
    const lane = laneOf(sequence);
    if (closing?.type !== 'bumpSequence' || closing.bumpTo !== lane.end) throw new Error('the lane is not closed');
    bind(request, stellarLaneId(chain, source, lane), false);
    const signature = stellar.sign(Buffer.from(hash));
    const signedTransaction = attachStellarSignature(unsigned, stellar.rawPublicKey(), signature);
    return { signature, signedTransaction, transactionHash: hash };
  };

  const signEvm = async (request: SignTransactionRequest, unsigned: Uint8Array, lowestOpen: bigint) => {
    const { chain, nonce, signingHash } = decodeEvmTransaction(unsigned);
    nextNonce ??= lowestOpen;
    if (lowestOpen > nextNonce) {
      const message = `lowest_open_nonce: expected at most ${nextNonce}, got ${lowestOpen}`;
      throw refusal('NONCE_OUT_OF_WINDOW', 'NONCE_GAP', message);
    }
    if (nonce > nextNonce) {
      const message = `nonce: expected at most ${nextNonce}, got ${nonce}`;
      throw refusal('NONCE_OUT_OF_WINDOW', 'NONCE_GAP', message);
    }
    bind(request, evmLaneId(chain, keys.evmAddress, nonce), true);
    if (nonce === nextNonce) nextNonce += 1n;
    const made = await sign({ hash: toHex(signingHash), privateKey: keys.evmPrivateKey });
    const [r, s] = [Buffer.from(made.r.slice(2), 'hex'), Buffer.from(made.s.slice(2), 'hex')];
    const signature = new Uint8Array([...r, ...s, made.yParity ?? 0]);
    const { signed, hash } = attachEvmSignature(unsigned, signature);
    return { signature, signedTransaction: signed, transactionHash: hash };
  };

  const answer = async (request: SignTransactionRequest): Promise<SignTransactionResponse> => {
    const { case: kind, value } = request.transaction;
    if (kind === undefined) throw new Error('nothing to sign');
    const unsigned = kind === 'stellar' ? value.envelopeXdr : value.unsignedTransaction;
    const content = digest(unsigned, request);
    if ((contents.get(request.requestId) ?? content) !== content) {
      throw new CountersignError('REQUEST_ID_REUSED', `request_id: ${request.requestId} stands for another request`);
    }
    const known = recorded.get(content);
    if (known !== undefined) return { ...known, replayed: true };
    const made =
      kind === 'stellar'
        ? signStellar(request, value.networkPassphrase, unsigned)
        : await signEvm(request, unsigned, value.lowestOpenNonce);
    const response = create(SignTransactionResponseSchema, { ...made, custodyPath: CustodyPath.LEGACY });
    contents.set(request.requestId, content);
    recorded.set(content, response);
    return response;
  };

  return {
    requests,
    interfere: (interference, times = 1) => {
      for (let i = 0; i < times; i++) interferences.push(interference);
    },
    signTransaction: async (init) => {
      const request = create(SignTransactionRequestSchema, init);
      requests.push(request);
      const interference = interferences.shift();
      if (interference?.kind === 'refuse') {
        const error = interference.error(request);
        if (error !== undefined) throw error;
      }
      const response = await answer(request);
      if (interference?.kind === 'lose-answer') throw new CountersignError('DEADLINE', 'no answer in time');
      return interference?.kind === 'answer' ? interference.change(response) : response;
    },
  };
}

function refusal(code: 'PAYOUT_BOUND' | 'LANE_TAKEN' | 'NONCE_OUT_OF_WINDOW', reason: string, message: string) {
  return new CountersignError(code, message, { reasons: [{ code: reason, message }] });
}

function digest(unsigned: Uint8Array, { keyId, purpose, payouts }: SignTransactionRequest): string {
  const declared = payouts.map(({ payoutId, destination, asset, amount }) => [payoutId, destination, asset, amount]);
  return createHash('sha256')
    .update(unsigned)
    .update(JSON.stringify([keyId, Purpose[purpose], declared]))
    .digest('hex');
}
