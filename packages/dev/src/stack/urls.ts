import type { Ports } from './options.ts';

/** Where the parts of the stack answer. */
export interface Urls {
  readonly api: string;
  /** The readable page of the API. */
  readonly docs: string;
  readonly openapi: string;
  readonly apiMetrics: string;
  readonly signerMetrics: string;
  /** The dev ledger's JSON-RPC. */
  readonly stellar: string;
  /** Anvil's JSON-RPC. */
  readonly anvil: string;
  readonly kms: string;
}

export function urlsOf(ports: Ports): Urls {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  return {
    api: at(ports.api),
    docs: `${at(ports.api)}/docs`,
    openapi: `${at(ports.api)}/openapi.json`,
    apiMetrics: `${at(ports.apiMetrics)}/metrics`,
    signerMetrics: `${at(ports.signerMetrics)}/metrics`,
    stellar: at(ports.stellar),
    anvil: at(ports.anvil),
    kms: at(ports.kms),
  };
}
