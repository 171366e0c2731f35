import type { SignerClient } from '@countersign/contract/grpc';
import type { Registry } from '@countersign/custody/registry';
import type { envToCfg } from '@countersign/signer/config';
import type { createSigner, Signer } from '@countersign/signer/create-signer';
import type { readEnv } from '@countersign/signer/env';
import type { SignerWorld } from '../harness/signers.ts';

/** The signer's code: as it is, or as the process that switches guards off has loaded it. */
export interface SignerCode {
  readonly createSigner: typeof createSigner;
  readonly envToCfg: typeof envToCfg;
  readonly readEnv: typeof readEnv;
}

export interface Replica {
  readonly signer: Signer;
  /** With the API's certificate. */
  readonly client: SignerClient;
}

export interface ReplicaChange {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Wraps the opened keys. */
  readonly keys?: (registry: Registry) => Registry;
}

/** Signers over one database, with one clock. */
export interface Replicas extends AsyncDisposable {
  /** The replica of this name; it is started when it is first asked for. */
  get(name: string, change?: ReplicaChange): Promise<Replica>;
}

export function createReplicas(
  world: SignerWorld,
  code: SignerCode,
  env: ReplicaChange['env'],
  clock: () => Date,
): Replicas {
  const started = new AsyncDisposableStack();
  const replicas = new Map<string, Promise<Replica>>();

  const start = async (name: string, { env: change, keys }: ReplicaChange): Promise<Replica> => {
    const vars = world.environment(name, { ...env, ...change });
    const signer = await code.createSigner(code.envToCfg(code.readEnv(vars), vars), { clock, ...(keys && { keys }) });
    started.use(signer);
    const client = world.connect(signer);
    started.defer(() => client.close());
    return { signer, client };
  };
  return {
    get: (name, change = {}) => {
      const known = replicas.get(name);
      if (known !== undefined) return known;
      const starting = start(name, change);
      replicas.set(name, starting);
      return starting;
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
