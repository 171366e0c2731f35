import type { SignTransactionRequest, SignTransactionResponse } from '@countersign/contract/signer';
import type { RegisteredKey } from '@countersign/custody/registry';
import { createLogger } from '@countersign/runtime/log';
import { createMetrics } from '@countersign/runtime/metrics';
import { migrate } from '@countersign/runtime/migrations';
import { openAuditChain } from '../src/audit/chain-lease.ts';
import type { SignerContext } from '../src/context.ts';
import { signerMetrics } from '../src/metrics.ts';
import type { LoadedPolicy } from '../src/policy/load-policy.ts';
import { openPolicy } from '../src/policy/policy-in-force.ts';
import { putInForce } from '../src/policy/put-in-force.ts';
import { countersign } from '../src/signing/countersign.ts';
import { openPool } from '../src/store/open-pool.ts';
import { createStore } from '../src/store/store.ts';

export type { LoadedPolicy };

export interface InProcessOptions {
  readonly databaseUrl: string;
  /** Of the replica: its audit chain, and its connections' application name. */
  readonly name: string;
  /** All on the path `legacy`. */
  readonly keys: ReadonlyMap<string, RegisteredKey>;
  /** What a reading of the policy bundle gives now. */
  readonly policy: () => LoadedPolicy;
  readonly signTimeoutMs: number;
  readonly logLevel?: 'silent' | 'warn';
}

/** A signer without its wall: everything behind it is real, and whoever holds this is the caller. */
export interface InProcessSigner extends AsyncDisposable {
  /** @param certificate DER: who calls. @throws CountersignError */
  sign(certificate: Uint8Array, request: SignTransactionRequest): Promise<SignTransactionResponse>;
  /** Reads the policy bundle again. */
  reloadPolicy(): Promise<void>;
  policyVersion(): bigint;
  /** Ends it as the end of its process would: nothing is given back, and whatever is under way fails. */
  kill(): Promise<void>;
}

const CALL = {
  peer: 'in-process',
  userAgent: 'test',
  deadline: Number.MAX_SAFE_INTEGER,
  isOver: () => false,
  leavesEvent: () => true,
};

export async function openInProcess(options: InProcessOptions): Promise<InProcessSigner> {
  const { databaseUrl, name, keys, policy: load, signTimeoutMs, logLevel = 'silent' } = options;
  await using opened = new AsyncDisposableStack();
  const pool = opened.adopt(openPool({ url: databaseUrl, applicationName: name }), async (pool) => {
    if (!pool.ending) await pool.end();
  });
  await migrate(pool, new URL('../migrations/', import.meta.url));
  const lease = opened.adopt(await openAuditChain(pool, name), (lease) => lease.release().catch(() => undefined));
  await pool.query('insert into keys (key_id) select unnest($1::text[]) on conflict do nothing', [[...keys.keys()]]);
  const store = createStore(pool, lease, () => undefined);
  const clock = () => new Date();
  const log = createLogger({ service: name, level: logLevel });
  const policy = opened.use(
    await openPolicy({
      first: load(),
      load,
      files: [],
      openCustodies: () => Promise.reject(new Error('not asked')),
      accept: (loaded) => putInForce(store, loaded, clock()),
      onWaiting: () => undefined,
      onSame: () => undefined,
      onChange: () => undefined,
      onError: (err) => log.warn({ err }, 'policy refused'),
    }),
  );
  const paths = { pathOf: () => 'legacy' as const };
  const shadow = { compare: () => undefined };
  const metrics = signerMetrics(createMetrics(name));
  const audit = { assertExported: () => undefined };
  const context: SignerContext = { keys, policy, paths, store, audit, shadow, metrics, log, clock, signTimeoutMs };
  const kept = opened.move();
  return {
    sign: (certificate, request) => countersign(context, { ...CALL, certificate }, request),
    reloadPolicy: () => policy.reload(),
    policyVersion: () => policy.inForce().version,
    kill: () => pool.end(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
