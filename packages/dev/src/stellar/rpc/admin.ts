import type { IncomingMessage, ServerResponse } from 'node:http';
import { StrKey } from '@stellar/stellar-sdk/base';
import { z } from 'zod';
import { FreezeError } from '../ledger/frozen.ts';
import type { ClosedLedger } from '../ledger/header.ts';
import { SorobanAdminError } from '../soroban/admin.ts';
import { type Faults, faultRuleSchema } from './faults.ts';
import { FriendbotError, type FundedAccount, type Funding } from './friendbot.ts';
import { readBody, sendJson } from './http.ts';

/** What a test or the stack does to a spawned ledger, under `/_dev/`. */
export interface AdminContext {
  readonly faults: Faults;
  /** Closes a ledger now, at that time (Unix seconds) if given. */
  closeLedger(closeTime?: bigint): ClosedLedger;
  fund(accounts: readonly FundedAccount[]): Promise<Funding>;
  /** Of what has that LedgerKey (base64). Both throw a FreezeError when it cannot be frozen. */
  freeze(key: string): void;
  thaw(key: string): void;
  /** Deploys the contract of `native` or `CODE:G…`; answers its id. Throws a SorobanAdminError. */
  deployAssetContract(asset: string): string;
  /** Archives the persistent entry with that LedgerKey (base64). Throws a SorobanAdminError. */
  archive(key: string): void;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What the network's friendbot gives. */
const STARTING_BALANCE = '10000';

const closeSchema = z.strictObject({ closeTime: z.coerce.bigint().positive().optional() });
const accountSchema = z.strictObject({
  address: z.string().refine((value) => StrKey.isValidEd25519PublicKey(value), 'expected a G… address'),
  balance: z
    .string()
    .regex(/^\d{1,11}(\.\d{1,7})?$/, 'expected lumens with at most 7 decimals')
    .default(STARTING_BALANCE),
});
const fundSchema = z.strictObject({ accounts: z.array(accountSchema) });
const freezeSchema = z.strictObject({ key: z.string() });

const contractSchema = z.strictObject({ asset: z.string() });
const archiveSchema = z.strictObject({ key: z.string() });

/** What the caller asked wrongly. */
const REFUSALS = [FreezeError, FriendbotError, SorobanAdminError, SyntaxError];

export const ADMIN_PREFIX = '/_dev/';

export async function answerAdmin(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  context: AdminContext,
): Promise<void> {
  const { status, body } = await answer(request, url, await readBody(request), context);
  sendJson(response, status, body);
}

async function answer({ method }: IncomingMessage, url: URL, body: string, context: AdminContext): Promise<Answer> {
  try {
    switch (`${method} ${url.pathname.slice(ADMIN_PREFIX.length)}`) {
      case 'POST close': {
        const { closeTime } = closeSchema.parse(json(body));
        const closed = context.closeLedger(closeTime);
        return { status: 200, body: { sequence: closed.sequence, closeTime: `${closed.closeTime}` } };
      }
      case 'POST fund':
        return { status: 200, body: await context.fund(fundedAccounts(url, body)) };
      case 'POST asset-contract':
        return { status: 200, body: { contract: context.deployAssetContract(contractSchema.parse(json(body)).asset) } };
      case 'POST archive': {
        const { key } = archiveSchema.parse(json(body));
        context.archive(key);
        return { status: 200, body: { key } };
      }
      case 'POST freeze':
        context.freeze(freezeSchema.parse(json(body)).key);
        return { status: 200, body: { frozen: true } };
      case 'DELETE freeze':
        context.thaw(freezeSchema.parse(json(body)).key);
        return { status: 200, body: { frozen: false } };
      case 'GET faults':
        return { status: 200, body: { faults: context.faults.list() } };
      case 'POST faults':
        context.faults.add(faultRuleSchema.parse(json(body)));
        return { status: 200, body: { faults: context.faults.list() } };
      case 'DELETE faults':
        context.faults.clear();
        return { status: 200, body: { faults: [] } };
      default:
        return problem(404, 'Not Found', `no ${method} ${url.pathname}`);
    }
  } catch (error) {
    if (error instanceof Error && REFUSALS.some((refusal) => error instanceof refusal)) {
      return problem(400, 'Bad Request', error.message);
    }
    if (error instanceof z.ZodError) return problem(400, 'Bad Request', z.prettifyError(error));
    throw error;
  }
}

/** Either `?addr=G…`, as friendbot takes it, or a body with several accounts. */
function fundedAccounts(url: URL, body: string): FundedAccount[] {
  const address = url.searchParams.get('addr');
  return address === null ? fundSchema.parse(json(body)).accounts : [accountSchema.parse({ address })];
}

function json(body: string): unknown {
  return body === '' ? {} : JSON.parse(body);
}

function problem(status: number, title: string, detail: string): Answer {
  return { status, body: { status, title, detail } };
}
