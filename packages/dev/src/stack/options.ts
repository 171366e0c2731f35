import type { Paths, policyDocument } from './configuration.ts';
import { freePorts } from './free-ports.ts';
import type { EnvironmentChange } from './program.ts';

/** The processes of the stack, Postgres aside. */
export type ProgramName = 'api' | 'signer' | 'kms' | 'stellar' | 'anvil';

/** The ports of 127.0.0.1 that the stack listens on. */
export interface Ports {
  readonly api: number;
  readonly apiMetrics: number;
  readonly signer: number;
  readonly signerMetrics: number;
  readonly kms: number;
  readonly stellar: number;
  readonly anvil: number;
}

export interface StackOptions {
  /** Channel accounts of the Stellar treasury; 4 unless said otherwise, at most 18. */
  readonly channels?: number;
  /** Recipients that the policy lists, on each chain; 3 unless said otherwise. */
  readonly recipients?: number;
  /** Where each key signs at first; `legacy` unless said otherwise. */
  readonly paths?: Paths;
  /** Fixed ports; the others are free ones. */
  readonly ports?: Partial<Ports>;
  /** Changes the policy before it is written. */
  readonly policy?: (document: ReturnType<typeof policyDocument>) => unknown;
  /** Laid over the environment of a process whenever it starts. */
  readonly env?: Partial<Record<ProgramName, EnvironmentChange>>;
  /** Told what has just become ready. */
  readonly onProgress?: (what: string) => void;
  /** Gives the start up; what has been started is stopped. Without effect once the stack is up. */
  readonly signal?: AbortSignal;
}

/** Fills the ports that are not fixed with free ones. */
export async function choosePorts(fixed: Partial<Ports> = {}): Promise<Ports> {
  const [api = 0, apiMetrics = 0, signer = 0, signerMetrics = 0, kms = 0, stellar = 0, anvil = 0] = await freePorts(7);
  return { api, apiMetrics, signer, signerMetrics, kms, stellar, anvil, ...fixed };
}
