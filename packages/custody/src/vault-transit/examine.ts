import { z } from 'zod';
import type { CallFailure } from '../attempts.ts';
import type { Finding } from '../finding.ts';
import type { VaultClient } from './vault-client.ts';
import { NO_TOKEN, UNTRUSTED } from './vault-error.ts';

const LOOKS = 5;
/** An agent renews a token long before. */
const LEAST_SECONDS = 300;
const ROOT = 'root';

/**
 * Looks at what a signer needs of Vault beside the key itself, and signs nothing: how long it takes to answer, how long the token
 * lives, and what the token may do. https://developer.hashicorp.com/vault/api-docs/auth/token#lookup-a-token-self,
 * https://developer.hashicorp.com/vault/api-docs/system/capabilities-self
 */
export async function examineTransitKey(client: VaultClient, key: string, signal: AbortSignal): Promise<Finding[]> {
  const answers = await answering(client, key, signal);
  if (!answers.ok) return [answers];
  return [answers, await tokenLife(client, signal), ...(await rights(client, key, signal))];
}

/** Several times: the first one opens a connection. */
async function answering({ mount, read }: VaultClient, key: string, signal: AbortSignal): Promise<Finding> {
  const path = `${mount}/keys/${key}`;
  const times: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const start = performance.now();
    const result = await read(path, signal);
    if (!result.ok) return { name: 'answers', ok: false, detail: result.message, advice: adviceFor(result, path) };
    times.push(performance.now() - start);
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(LOOKS / 2)] ?? 0;
  return { name: 'answers', ok: true, detail: `${path}, in ${median.toFixed(1)} ms` };
}

const lifeSchema = z.object({ ttl: z.number(), renewable: z.boolean(), policies: z.array(z.string()) });

async function tokenLife({ read }: VaultClient, signal: AbortSignal): Promise<Finding> {
  const name = 'token';
  const result = await read('auth/token/lookup-self', signal);
  if (!result.ok) return unseen(name, 'auth/token/lookup-self', result);
  const life = lifeSchema.safeParse(result.value);
  if (!life.success) return { name, ok: false, detail: 'auth/token/lookup-self: expected ttl, renewable and policies' };
  const { ttl, renewable, policies } = life.data;
  if (policies.includes(ROOT)) {
    const advice = 'give the signer a token of a policy of its own, which reads the key and signs with it';
    return { name, ok: false, detail: 'it is a root token, which may do everything', advice };
  }
  if (ttl === 0) return { name, ok: true, detail: 'does not expire' };
  const detail = `expires in ${ttl} s, ${renewable ? 'renewable' : 'not renewable'}`;
  if (ttl >= LEAST_SECONDS) return { name, ok: true, detail };
  return { name, ok: false, detail, advice: 'have an agent renew it, or put another into its file, in time' };
}

/** What a token must be able to do, and what leads to the private key: it is made exportable, and then read. */
const NEEDED = [
  ['keys/KEY', 'read'],
  ['sign/KEY', 'update'],
] as const;
const EXCESS = [
  ['keys/KEY/config', 'update'],
  ['export/signing-key/KEY', 'read'],
  ['backup/KEY', 'read'],
] as const;

async function rights({ mount, write }: VaultClient, key: string, signal: AbortSignal): Promise<Finding[]> {
  const at = (path: string) => `${mount}/${path.replace('KEY', key)}`;
  const paths = [...NEEDED, ...EXCESS].map(([path]) => at(path));
  const result = await write('sys/capabilities-self', { paths }, signal);
  if (!result.ok) return [unseen('permission', 'sys/capabilities-self', result)];
  const may = ([path, capability]: readonly [string, string]): boolean => {
    const granted = z.array(z.string()).safeParse(result.value[at(path)]).data ?? [];
    return granted.includes(capability) || granted.includes(ROOT);
  };
  const text = ([path, capability]: readonly [string, string]) => `${capability} on ${at(path)}`;
  const missing = NEEDED.filter((one) => !may(one)).map(text);
  const excess = EXCESS.filter(may).map(text);
  return [
    found('permission', missing, 'may read the key and sign with it', 'lacks', 'put it into the policy of the token'),
    found(
      'least rights',
      excess,
      'nothing that leads to the private key',
      'has',
      'take it out of the policy of the token',
    ),
  ];
}

function found(name: string, wrong: readonly string[], right: string, says: string, advice: string): Finding {
  if (wrong.length === 0) return { name, ok: true, detail: right };
  return { name, ok: false, detail: `${says} ${wrong.join(', ')}`, advice };
}

/** The policy `default` lets a token ask; one without it signs all the same. */
function unseen(name: string, path: string, { errorCode, message }: CallFailure): Finding {
  if (errorCode === 'Status403') return { name, ok: true, detail: `not looked at: the token may not ask ${path}` };
  return { name, ok: false, detail: message };
}

function adviceFor({ errorCode, down }: CallFailure, path: string): string {
  switch (errorCode) {
    case 'Status403':
      return `allow read on ${path} to the token, and look at whether it has expired`;
    case 'Status404':
      return 'look at the name of the key, the mount and the namespace';
    case NO_TOKEN:
      return 'look at the agent that writes token_file';
    case UNTRUSTED:
      return 'look at ca_file, and at the name in the certificate of the vault';
    default:
      return down
        ? 'look at whether the vault is unsealed, and at the route from here to it'
        : 'look at the vault’s log';
  }
}
