import { create } from '@bufbuild/protobuf';
import {
  CustodyPath,
  type SignTransactionRequest,
  type SignTransactionResponse,
  SignTransactionResponseSchema,
} from '@countersign/contract/signer';
import type { Call, SignerContext } from '../context.ts';
import { askFor } from '../reservation/ask.ts';
import { compareInShadow } from '../shadow/compare-in-shadow.ts';
import { authenticate } from './authenticate.ts';
import { decideByPolicy } from './decide-by-policy.ts';
import { decode } from './decode.ts';
import { demandTime } from './in-time.ts';
import { match } from './match.ts';
import { recordingOf } from './record.ts';
import type { Recorded } from './recorded.ts';
import { sign } from './sign.ts';
import { openTrail } from './trail.ts';
import { verify } from './verify.ts';

/**
 * Signs one transaction, or says why not. The stages run in this order; each is timed, and every way out leaves an audit
 * event. A replay of what was signed ends after `reserve`, which gives the signature on record. `commit` runs a stage and
 * writes its event in one database transaction.
 *
 * @throws CountersignError with the code of the stage that refused; see docs/errors.md.
 */
export async function countersign(
  context: SignerContext,
  call: Call,
  request: SignTransactionRequest,
): Promise<SignTransactionResponse> {
  const inForce = context.policy.inForce();
  const trail = openTrail(context, inForce, call, request);
  try {
    const caller = await trail.stage('authenticate', () => authenticate(call.certificate));
    const proposal = await trail.stage('decode', () => decode(context.keys, request));
    await trail.stage('match', () => match(proposal));
    const { policy } = await trail.stage('decide', () => decideByPolicy(context, inForce, caller, proposal));
    const earlier = await trail.commit('reserve', (eventOf) => {
      context.audit.assertExported();
      const ask = askFor(caller, proposal, policy, inForce.version);
      return context.store.reserve(ask, eventOf, () => demandTime(call));
    });
    if (earlier !== undefined) return answer(earlier, true);
    const raw = await trail.stage('sign', () => sign(context, proposal));
    const verified = await trail.stage('verify', () => verify(proposal, raw.signature));
    const signed = await trail.commit('record', (eventOf) =>
      context.store.record(recordingOf(proposal, { ...verified, custodyPath: raw.path }), eventOf),
    );
    compareInShadow(context, request, inForce, proposal, raw);
    return answer(signed, false);
  } catch (error) {
    throw await trail.refuse(error);
  } finally {
    trail.close();
  }
}

function answer(recorded: Recorded, replayed: boolean): SignTransactionResponse {
  const { signature, signedTransaction, transactionHash, custodyPath } = recorded;
  return create(SignTransactionResponseSchema, {
    signature,
    signedTransaction,
    transactionHash,
    custodyPath: custodyPath === 'kms' ? CustodyPath.KMS : CustodyPath.LEGACY,
    replayed,
  });
}
