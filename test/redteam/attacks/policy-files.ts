import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nativeAsset, stellarChainId } from '@countersign/chains/caip';
import { assetContract } from '@countersign/chains/stellar/contract';
import { toYaml } from '@countersign/dev/configuration';
import { createSshSigner, type SshSigner } from '@countersign/dev/ssh-signer';
import { APPROVAL_NAMESPACE } from '@countersign/sshsig/approval';
import { bundleStatement, POLICY_NAMESPACE } from '@countersign/sshsig/policy-bundle';
import { parse } from 'yaml';
import { PASSPHRASE } from '../../harness/requests.ts';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { stellar } from '../forge/requests.ts';

type Steps = (t: Attacker) => Promise<string>;

const operators = [createSshSigner('ada'), createSshSigner('ben'), createSshSigner('cleo')] as const;
const [ada, ben] = operators;
const stranger = createSshSigner('stranger');

let files = 0;
async function file(t: Attacker, text: string): Promise<string> {
  const path = join(t.world.dir, `redteam-${++files}`);
  await writeFile(path, text);
  return path;
}

interface Signing {
  readonly people: readonly SshSigner[];
  readonly namespace?: string;
  readonly version?: number;
  /** The policy whose signatures these are, where it is not the one that is started with. */
  readonly of?: 'newer';
}

/** Variables of a signer that wants two of three operators' signatures, with these. */
async function signed(t: Attacker, { people, namespace = POLICY_NAMESPACE, version = 1, of }: Signing) {
  const { KEYS_FILE = '' } = t.world.environment('x');
  const sha256 = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  const policySha256 = await sha256(t.policies[of ?? 'plain']);
  const bundle = { environment: 'development', version, policySha256, keysSha256: await sha256(KEYS_FILE) };
  const statement = bundleStatement(bundle);
  return {
    POLICY_SIGNATURES_FILE: await file(t, people.map((person) => person.armored(namespace, statement)).join('')),
    POLICY_SIGNERS_FILE: await file(t, operators.map(({ publicKey }) => `${publicKey}\n`).join('')),
    POLICY_SIGNATURES_NEEDED: '2',
  };
}

/** The start with these signatures. @returns the words of the refusal that are in `words`. */
const unsigned =
  (signing: Signing): Steps =>
  async (t) =>
    told(await t.start(await signed(t, signing)), 'signatures: expected 2');

/** The part of a message that is expected in it, or the whole where it is not. */
function told(message: string, words: string): string {
  return message.includes(words) ? `does not start: ${words}` : message;
}

/** The policy as text, changed; @returns how the start ends. */
const changed =
  (words: string, change: (text: string, t: Attacker) => string): Steps =>
  async (t) => {
    const text = await readFile(t.policies.plain, 'utf8');
    const other = change(text, t);
    if (other === text) throw new Error('the change finds no place');
    return told(await t.start({ POLICY_FILE: await file(t, other) }), words);
  };

/** Signers of which one has accepted a newer version, and the others have not. */
async function withNewer(t: Attacker, version: number): Promise<Attacker> {
  const other = await t.afresh('plain');
  const text = await readFile(t.policies.newer, 'utf8');
  const POLICY_FILE = await file(t, text.replace('version: 2', `version: ${version}`));
  await other.replicas.get('newer', { env: { POLICY_FILE } });
  return other;
}

const LUMENS = assetContract(PASSPHRASE, nativeAsset(stellarChainId(PASSPHRASE)));

const FRESH = 'versions of a policy go up';
const SIGNED = 'signatures of the operators';
const WORDS = 'a strict policy file';
const refused = (words: string) => `does not start: ${words}`;
const SIGNATURES = refused('signatures: expected 2');

/** Bring an older, another or a looser policy in force. */
export const POLICY_FILES = attacks<Steps>('files', 'C17', (steps) => steps, [
  [
    'policy-superseded',
    'a replica that still has the older, looser policy',
    'the newest policy decides',
    'POLICY_SUPERSEDED POLICY_SUPERSEDED',
    async (t) => {
      await using other = await withNewer(t, 2);
      return await other.sign(stellar(other));
    },
  ],
  [
    'policy-replay',
    'a signature from before a tighter policy, out of the record',
    'replays pass every stage',
    'POLICY_DENIED AMOUNT_ABOVE_LIMIT',
    async (t) => {
      await using other = await t.afresh('plain');
      const before = stellar(other);
      await other.prepare(before);
      const { client } = await other.replicas.get('newer', { env: { POLICY_FILE: t.policies.newer } });
      return await other.sign(before, client);
    },
  ],
  [
    'policy-rollback',
    'a start with the policy of last month',
    FRESH,
    refused('version: expected at least 3'),
    async (t) => {
      await using other = await withNewer(t, 3);
      return told(await other.start({ POLICY_FILE: t.policies.newer }), 'version: expected at least 3');
    },
  ],
  [
    'policy-same-version',
    'another policy under the version that is in force',
    FRESH,
    refused('version: expected more than 1'),
    async (t) => {
      const text = await readFile(t.policies.plain, 'utf8');
      return told(
        await t.start({
          POLICY_FILE: await file(t, text.replace('max_lifetime_seconds: 300', 'max_lifetime_seconds: 3000')),
        }),
        'version: expected more than 1',
      );
    },
  ],
  [
    'policy-environment',
    'the policy of another environment',
    FRESH,
    refused('environment: expected development'),
    async (t) => {
      const text = await readFile(t.policies.newer, 'utf8');
      return told(
        await t.start({ POLICY_FILE: await file(t, text.replace('environment: development', 'environment: staging')) }),
        'environment: expected development',
      );
    },
  ],
  ['policy-unsigned', 'a policy that nobody signed', SIGNED, SIGNATURES, unsigned({ people: [] })],
  ['policy-one-signature', 'one signature of two', SIGNED, SIGNATURES, unsigned({ people: [ada] })],
  ['policy-one-twice', 'one operator’s signature, twice', SIGNED, SIGNATURES, unsigned({ people: [ada, ada] })],
  [
    'policy-stranger',
    'the signatures of an operator and of a stranger',
    SIGNED,
    SIGNATURES,
    unsigned({ people: [ben, stranger] }),
  ],
  [
    'policy-approval',
    'signatures that were given for a payout',
    SIGNED,
    SIGNATURES,
    unsigned({ people: [ada, ben], namespace: APPROVAL_NAMESPACE }),
  ],
  [
    'policy-other-signed',
    'the signatures of another policy',
    SIGNED,
    SIGNATURES,
    unsigned({ people: [ada, ben], of: 'newer' }),
  ],
  [
    'policy-other-version',
    'signatures of this policy under another version',
    SIGNED,
    SIGNATURES,
    unsigned({ people: [ada, ben], version: 7 }),
  ],
]);

/** Files that say something else than they seem to. */
export const POLICY_WORDS = attacks<Steps>('files', 'C16', (steps) => steps, [
  [
    'policy-anchor',
    'an anchor, which one reader follows',
    WORDS,
    refused('anchors'),
    changed('anchors', (text) => text.replace('version: 1', 'version: &v 1')),
  ],
  [
    'policy-word-twice',
    'a word that stands twice: which one counts?',
    WORDS,
    refused('Map keys must be unique'),
    changed('Map keys must be unique', (text) => `${text}version: 2\n`),
  ],
  [
    'policy-word-unknown',
    'a limit whose name is misspelt, and which limits nothing',
    WORDS,
    refused('unknown word'),
    changed('unknown word', (text) => text.replace('max_fee:', 'max_feee:')),
  ],
  [
    'policy-own-destination',
    'the treasury’s own channel as a destination',
    WORDS,
    refused('not our own'),
    changed('not our own', (text, { world }) =>
      text.replace(world.recipients.stellar[1] ?? '', world.keys.channels[0]?.publicKey() ?? ''),
    ),
  ],
  [
    'policy-sac-twin',
    'the contract of lumens as a token of its own, with limits of its own',
    WORDS,
    refused('this is the contract of'),
    changed('this is the contract of', (text) => text.replace(/sep41:C[A-Z2-7]{55}/, `sep41:${LUMENS}`)),
  ],
]);

export const ANYBODY = attacks<Steps>('files', 'C15', (steps) => steps, [
  [
    'policy-anybody',
    'anybody as a destination, with no limit over time',
    WORDS,
    refused('is needed with'),
    changed('is needed with', (text) => {
      const policy = parse(text);
      const { 'treasury-stellar': key } = policy.keys;
      delete key.fee_budget;
      key.stellar.destinations = 'any';
      return toYaml(policy);
    }),
  ],
]);
