import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ledgerKeyOf } from '../ledger/frozen.ts';
import type { ClosedLedger } from '../ledger/header.ts';
import { createLedger, type Ledger, type LedgerOptions } from '../ledger/ledger.ts';
import { archive, deployAssetContract } from '../soroban/admin.ts';
import { ADMIN_PREFIX, answerAdmin } from './admin.ts';
import { answerRpc } from './answer-rpc.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFriendbot, type FundedAccount, type Funding } from './friendbot.ts';
import { sendText } from './http.ts';
import { rpcMethods } from './methods/methods.ts';

export interface StellarRpcOptions extends LedgerOptions {
  /** 127.0.0.1. */
  readonly host?: string;
  /** 0, any free one. */
  readonly port?: number;
  /** Milliseconds between ledgers, at least 1000 for ledger time to keep step with the clock; or only by hand. */
  readonly closeEveryMs: number | 'manual';
  /** Milliseconds since 1970; the system's clock. */
  readonly now?: () => number;
}

/** A running ledger with its RPC face. */
export interface StellarRpc {
  readonly url: string;
  readonly port: number;
  readonly ledger: Ledger;
  readonly faults: Faults;
  /** Closes a ledger now, at that time (Unix seconds) if given. */
  closeLedger(closeTime?: bigint): ClosedLedger;
  /** Creates accounts; settles once a ledger has them. Rejects with a FriendbotError when one exists already. */
  fund(accounts: readonly FundedAccount[]): Promise<Funding>;
  /**
   * Freezes the account, trustline, contract data or code with that LedgerKey (base64), until `thaw`: see
   * `Ledger.freeze`. Both throw a FreezeError.
   */
  freeze(key: string): void;
  thaw(key: string): void;
  /** Deploys the Stellar Asset Contract of `native` or `CODE:G…`; answers its id, `C…`. Throws a SorobanAdminError. */
  deployAssetContract(asset: string): string;
  /** Archives the persistent contract entry with that LedgerKey (base64). Throws a SorobanAdminError. */
  archive(key: string): void;
  close(): Promise<void>;
}

/** As in Stellar RPC. */
const MAX_LATENCY_SECONDS = 30;
const DEFAULT_RETENTION_LEDGERS = 17_280;

/** Starts the ledger at genesis, at the present time. */
export async function startStellarRpc(options: StellarRpcOptions): Promise<StellarRpc> {
  const { closeEveryMs, host = '127.0.0.1', now: clock = Date.now, port: wantedPort = 0, ...ledgerOptions } = options;
  const { retentionLedgers = DEFAULT_RETENTION_LEDGERS } = options;
  const manual = closeEveryMs === 'manual';
  const now = () => BigInt(Math.floor(clock() / 1000));
  const ledger = createLedger({
    genesisCloseTime: now(),
    expectedCloseSeconds: manual ? 5 : Math.max(1, Math.ceil(closeEveryMs / 1000)),
    ...ledgerOptions,
    retentionLedgers,
  });
  const faults = createFaults();
  const friendbot = createFriendbot(ledger);

  const closeLedger = (closeTime = now()) => {
    friendbot.submit(now());
    const closed = ledger.close(closeTime);
    friendbot.settle();
    return closed;
  };
  const fund = (accounts: readonly FundedAccount[]) => {
    const funding = friendbot.fund(accounts);
    if (manual) closeLedger();
    return funding;
  };

  const server = createServer();
  server.listen(wantedPort, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`expected a TCP address, got ${address}`);
  const url = `http://${host}:${address.port}`;
  const methods = rpcMethods({
    ledger,
    faults,
    now,
    friendbotUrl: `${url}${ADMIN_PREFIX}fund`,
    health: { retentionLedgers, ...(manual ? {} : { maxLatencySeconds: MAX_LATENCY_SECONDS }) },
  });
  const contracts = {
    deployAssetContract: (asset: string) => deployAssetContract(ledger, asset),
    archive: (key: string) => archive(ledger, key),
  };
  const freezing = {
    freeze: (key: string) => ledger.freeze(ledgerKeyOf(key)),
    thaw: (key: string) => ledger.thaw(ledgerKeyOf(key)),
  };
  const admin = { faults, closeLedger, fund, ...freezing, ...contracts };

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const target = new URL(request.url ?? '/', url);
    const answering = target.pathname.startsWith(ADMIN_PREFIX)
      ? answerAdmin(request, response, target, admin)
      : answerRpc(request, response, methods, faults);
    answering.catch((error: unknown) => sendText(response, 500, `${error}`));
  });
  const timer = manual ? undefined : setInterval(() => closeLedger(), closeEveryMs);

  return {
    url,
    port: address.port,
    ledger,
    faults,
    closeLedger,
    fund,
    ...freezing,
    ...contracts,
    close: async () => {
      clearInterval(timer);
      friendbot.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
