import type { KeyPolicy } from '@countersign/policy/schema';
import { fingerprint } from '../signing/fingerprint.ts';
import type { Proposal } from '../signing/proposal.ts';
import { signingHash } from '../signing/proposal.ts';
import { type Lane, laneFor } from './lane.ts';

/** What is to be reserved: a proposal that policy allows, and what follows from its bytes. */
export interface Ask {
  /** SPIFFE ID. */
  readonly caller: string;
  readonly proposal: Proposal;
  readonly lane: Lane;
  /** SHA-256 of all that the request asks for. */
  readonly fingerprint: Uint8Array;
  /** 32 bytes. */
  readonly signingHash: Uint8Array;
  /** The policy that allowed it, and the version of the file that it stands in. */
  readonly policy: KeyPolicy;
  readonly policyVersion: bigint;
}

export function askFor(caller: string, proposal: Proposal, policy: KeyPolicy, policyVersion: bigint): Ask {
  return {
    caller,
    proposal,
    lane: laneFor(proposal),
    fingerprint: fingerprint(proposal),
    signingHash: signingHash(proposal),
    policy,
    policyVersion,
  };
}
