import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { attachEvmSignature } from '@countersign/chains/evm/attach';
import { decodeEvmTransaction } from '@countersign/chains/evm/decode';
import { evmLaneId } from '@countersign/chains/evm/lane';
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
import { sign } from 'viem/accounts';
import { toHex } from 'viem/utils';
import { createLaneBook, refusal } from './lane-book.ts';
import { createStellarSigning } from './sign-stellar.ts';

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
 * payout, nonces without gaps, a contract call's payout to one authorization, a request id to one content, the same bytes
 * answered from the record.
 */
export function createLaneSigner(keys: LaneSignerKeys): LaneSigner {
  const requests: SignTransactionRequest[] = [];
  const interferences: Interference[] = [];
  const contents = new Map<string, string>();
  const recorded = new Map<string, SignTransactionResponse>();
  const book = createLaneBook();
  const stellar = createStellarSigning(keys.stellarSeed, book);
  let nextNonce: bigint | undefined;

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
    book.bind(request, evmLaneId(chain, keys.evmAddress, nonce), true);
    if (nonce === nextNonce) nextNonce += 1n;
    const made = await sign({ hash: toHex(signingHash), privateKey: keys.evmPrivateKey });
    const [r, s] = [Buffer.from(made.r.slice(2), 'hex'), Buffer.from(made.s.slice(2), 'hex')];
    const signature = new Uint8Array([...r, ...s, made.yParity ?? 0]);
    const { signed, hash } = attachEvmSignature(unsigned, signature);
    return { signature, signedTransaction: signed, transactionHash: hash };
  };

  const make = (request: SignTransactionRequest) => {
    const { transaction } = request;
    switch (transaction.case) {
      case 'stellar':
        return stellar.envelope(request, transaction.value.networkPassphrase, transaction.value.envelopeXdr);
      case 'stellarAuthorization':
        return stellar.authorization(request, transaction.value.networkPassphrase, transaction.value.entryXdr);
      case 'evm':
        return signEvm(request, transaction.value.unsignedTransaction, transaction.value.lowestOpenNonce);
      default:
        throw new Error('nothing to sign');
    }
  };

  const answer = async (request: SignTransactionRequest): Promise<SignTransactionResponse> => {
    const content = digest(request);
    if ((contents.get(request.requestId) ?? content) !== content) {
      throw new CountersignError('REQUEST_ID_REUSED', `request_id: ${request.requestId} stands for another request`);
    }
    const known = recorded.get(content);
    if (known !== undefined) return { ...known, replayed: true };
    const made = await make(request);
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

function unsignedBytes({ transaction }: SignTransactionRequest): Uint8Array {
  switch (transaction.case) {
    case 'stellar':
      return transaction.value.envelopeXdr;
    case 'stellarAuthorization':
      return transaction.value.entryXdr;
    case 'evm':
      return transaction.value.unsignedTransaction;
    default:
      return new Uint8Array();
  }
}

function digest(request: SignTransactionRequest): string {
  const { keyId, purpose, payouts } = request;
  const declared = payouts.map(({ payoutId, destination, asset, amount }) => [payoutId, destination, asset, amount]);
  return createHash('sha256')
    .update(unsignedBytes(request))
    .update(JSON.stringify([keyId, Purpose[purpose], declared]))
    .digest('hex');
}
