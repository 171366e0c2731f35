import { Account, Operation, TimeoutInfinite, TransactionBuilder } from '@stellar/stellar-sdk/base';
import type { Address } from '../ledger/address.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { rootKeypair } from '../ledger/network.ts';
import { succeeded } from '../ledger/result.ts';

/** An account to create; `balance` in lumens, a decimal string. */
export interface FundedAccount {
  readonly address: Address;
  readonly balance: string;
}

/** Where the accounts were created; `hash` is the transaction's, hex. */
export interface Funding {
  readonly hash: string;
  readonly ledger: number;
}

/** A request that cannot be met, as the network's friendbot says it. */
export class FriendbotError extends Error {}

/** Creates accounts from the root account's lumens, all that are waiting in one transaction a ledger. */
export interface Friendbot {
  fund(accounts: readonly FundedAccount[]): Promise<Funding>;
  /** Before a ledger closes: submits what is waiting. */
  submit(now: bigint): void;
  /** After a ledger has closed: answers what it included or dropped. */
  settle(): void;
  /** Refuses everything that still waits. */
  close(): void;
}

interface Request {
  readonly accounts: readonly FundedAccount[];
  readonly resolve: (funding: Funding) => void;
  readonly reject: (error: FriendbotError) => void;
}

const MAX_OPERATIONS = 100;
/** Stroops an operation: enough to be included whatever the others offer. */
const FEE = '1000000';

export function createFriendbot(ledger: Ledger): Friendbot {
  let waiting: Request[] = [];
  let sent: { readonly envelope: Uint8Array; readonly hash: string; readonly requests: readonly Request[] } | undefined;

  return {
    fund: (accounts) =>
      new Promise((resolve, reject) => {
        const problem = requestProblem(ledger, accounts);
        if (problem) reject(new FriendbotError(problem));
        else waiting.push({ accounts, resolve, reject });
      }),
    submit: (now) => {
      if (sent || waiting.length === 0) return;
      const requests = firstRequests(waiting);
      const envelope = fundingEnvelope(ledger, requests);
      const answer = ledger.submit(envelope, now);
      if (answer.status !== 'PENDING') return;
      sent = { envelope, hash: answer.hash, requests };
      waiting = waiting.filter((request) => !requests.includes(request));
    },
    settle: () => {
      if (!sent) return;
      const { envelope, hash, requests } = sent;
      const included = ledger.transaction(hash);
      if (!included && ledger.check(envelope, ledger.latest().closeTime).status === 'DUPLICATE') return;
      sent = undefined;
      for (const { resolve, reject } of requests) {
        if (included && succeeded(included.result)) resolve({ hash, ledger: included.ledger });
        else reject(new FriendbotError(`funding failed: ${included?.result.toXdr('base64') ?? 'never included'}`));
      }
    },
    close: () => {
      for (const { reject } of [...waiting, ...(sent?.requests ?? [])]) reject(new FriendbotError('ledger is closed'));
      waiting = [];
      sent = undefined;
    },
  };
}

function requestProblem(ledger: Ledger, accounts: readonly FundedAccount[]): string | undefined {
  if (accounts.length === 0 || accounts.length > MAX_OPERATIONS) {
    return `expected 1 to ${MAX_OPERATIONS} accounts, got ${accounts.length}`;
  }
  const existing = accounts.find(({ address }) => ledger.account(address));
  return existing && `createAccountAlreadyExist: ${existing.address} exists`;
}

/** As many of the requests, in their order, as fit into one transaction. */
function firstRequests(requests: readonly Request[]): Request[] {
  let room = MAX_OPERATIONS;
  return requests.filter(({ accounts }) => {
    room -= accounts.length;
    return room >= 0;
  });
}

function fundingEnvelope(ledger: Ledger, requests: readonly Request[]): Uint8Array {
  const root = rootKeypair(ledger.networkPassphrase);
  const { sequence = 0n } = ledger.account(root.publicKey()) ?? {};
  const builder = new TransactionBuilder(new Account(root.publicKey(), `${sequence}`), {
    fee: FEE,
    networkPassphrase: ledger.networkPassphrase,
  });
  const accounts = new Map(requests.flatMap((request) => request.accounts).map((each) => [each.address, each]));
  for (const { address, balance } of accounts.values()) {
    builder.addOperation(Operation.createAccount({ destination: address, startingBalance: balance }));
  }
  const transaction = builder.setTimeout(TimeoutInfinite).build();
  transaction.sign(root);
  return transaction.toEnvelope().toXdr();
}
