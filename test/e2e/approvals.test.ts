import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describePart } from '@countersign/dev/describe-part';
import { createSshSigner, type SshSigner } from '@countersign/dev/ssh-signer';
import { type Stack, startStack } from '@countersign/dev/stack';
import { approvalStatement } from '@countersign/sshsig/approval';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import { callApi, follow, type Order, order, type Payout, toEvm, toStellar } from '../harness/payouts.ts';
import { ETH, XLM } from '../harness/requests.ts';

// Two of the approvers have to sign: above 10 XLM and above 1 ether, and for whoever the policy does not list.

const COUNTERSIGN = fileURLToPath(new URL('../../packages/client/dist/main.js', import.meta.url));
const NAMESPACE = 'countersign-approval';
const [alice, bob, stranger] = ['alice', 'bob', 'stranger'].map((name) => createSshSigner(name)) as SshSigner[];
const approvers: Record<string, string> = {};
for (const [name, signer] of Object.entries({ alice, bob })) approvers[name] = signer?.publicKey ?? '';

let stack: Stack;

beforeAll(async () => {
  const approvals = { threshold: 2, approvers, unlisted_destinations: true, max_lifetime_seconds: 7200 };
  stack = await startStack({
    policy: (document) => {
      const { 'treasury-stellar': stellar, 'treasury-evm': evm } = document.keys;
      Object.assign(stellar, { approvals });
      Object.assign(evm, { approvals });
      Object.assign(stellar.stellar.assets[XLM] ?? {}, { approval_above: '10' });
      Object.assign(evm.evm.assets[ETH] ?? {}, { approval_above: '1' });
      return document;
    },
  });
}, 60_000);
afterAll(() => stack.stop());

const needsApproval = ({ status }: Payout) => status === 'needs_approval';

async function ordered(what: Order): Promise<string> {
  const { id } = await order(stack, what);
  await follow(stack, id, needsApproval);
  return id;
}

interface Terms {
  readonly key: string;
  readonly account: string;
  readonly chain: string;
  readonly destination: string;
  readonly asset: string;
  readonly amount_units: string;
}

async function approve(id: string, by: SshSigner | undefined, lifetime = 3600): Promise<void> {
  const path = `/v1/payouts/${id}/approvals`;
  const terms = (await callApi(stack, path)).body as Terms;
  const expires = Math.floor(Date.now() / 1000) + lifetime;
  const statement = approvalStatement({
    payoutId: id,
    keyId: terms.key,
    account: terms.account,
    network: terms.chain,
    destination: terms.destination,
    asset: terms.asset,
    amount: BigInt(terms.amount_units),
    expiresAt: BigInt(expires),
  });
  const body = JSON.stringify({ expires_at: expires, signature: by?.armored(NAMESPACE, statement) });
  expect(await callApi(stack, path, { method: 'POST', body })).toMatchObject({ status: 200 });
}

/** Waits until the signer has refused again, counting so many signatures. */
const counting = (id: string, signatures: number) =>
  follow(stack, id, (payout) => needsApproval(payout) && payout.reason?.detail.includes(`has ${signatures}`) === true);

describe('a payout that policy wants two approvals of', () => {
  test.each<[string, () => Order]>([
    ['on Stellar', () => toStellar(stack, '11')],
    ['on EVM', () => toEvm(stack, '1.5')],
    [
      'to somebody whom policy does not list',
      () => ({ asset: XLM, amount: '2', destination: Keypair.random().publicKey() }),
    ],
  ])('%s is paid once two approvers have signed for it, and not before', async (_name, what) => {
    const id = await ordered(what());
    await approve(id, alice);
    await counting(id, 1);
    await approve(id, stranger);
    await counting(id, 1);
    await approve(id, bob);
    await follow(stack, id);
  });

  test('keeps nobody else waiting', async () => {
    const [big, ...small] = await Promise.all(
      [toStellar(stack, '12'), toStellar(stack, '1'), toStellar(stack, '2')].map((what) => order(stack, what)),
    );
    await Promise.all(small.map(({ id }) => follow(stack, id)));
    await follow(stack, big?.id ?? '', needsApproval);
  });

  test('is not paid with an approval that lives longer than policy lets it', async () => {
    const id = await ordered(toStellar(stack, '13'));
    await approve(id, alice, 86_400);
    await approve(id, bob);
    await counting(id, 1);
    await approve(id, alice);
    await follow(stack, id);
  });
});

describePart({ describe, test }, 'ssh-keygen', ({ file }) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  const keys = ['ed25519', 'ecdsa'].map((type) => {
    const key = join(folder, type);
    execFileSync(file, ['-q', '-t', type, '-N', '', '-C', type, '-f', key]);
    approvers[type] = readFileSync(`${key}.pub`, 'utf8').trim();
    return key;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const countersign = async (...args: string[]) => {
    const env = { ...process.env, COUNTERSIGN_API_KEY: stack.apiKey };
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [COUNTERSIGN, ...args, '--api', stack.urls.api],
      {
        env,
      },
    );
    return { stdout, stderr };
  };

  test('countersign approve shows the payout, and has it paid by two keys of two people', async () => {
    const destination = stack.recipients.stellar[0] ?? '';
    const body = { ...toStellar(stack, '14'), memo: { type: 'text', value: 'Grüße, “42”' } };
    const id = await ordered(body);
    expect((await countersign('payouts', 'list', '--status', 'needs_approval')).stdout).toContain(id);
    const [first = '', second = ''] = keys;
    const { stdout, stderr } = await countersign('approve', id, '--yes', '--key', first);
    expect(stderr).toContain('14 XLM');
    expect(stderr).toContain(destination);
    expect(stdout).toContain(`approved ${id} with SHA256:`);
    await counting(id, 1);
    await countersign('approve', id, '--yes', '--key', second, '--expires', '10m');
    await follow(stack, id);
    expect((await countersign('payouts', 'get', id)).stdout).toContain('"status": "completed"');
  });
});
