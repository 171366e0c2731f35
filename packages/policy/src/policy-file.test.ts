import { ConfigError } from '@countersign/runtime/config';
import { parseYaml } from '@countersign/runtime/yaml';
import { expect, test } from '@jest/globals';
import { RECIPIENT, SSH_KEYS, STRANGER } from '../testing/files.ts';
import { policySchema } from './schema.ts';

const FILE = `version: 7
environment: production
keys:
  treasury:
    callers: { 'spiffe://countersign.dev/api': [payout] }
    fee_budget:
      - { seconds: 3600, max: '5' }
    approvals:
      threshold: 1
      approvers:
        alice: ${SSH_KEYS.alice}
        bob: ${SSH_KEYS.bob}
      unlisted_destinations: false
      max_lifetime_seconds: 86400
    stellar:
      network_passphrase: Test SDF Network ; September 2015
      account: GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ
      channels: [GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7]
      destinations:
        - GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H
        - address: GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN
          memo:
            - text:invoices
            - id:7
      assets:
        stellar:testnet/slip44:148:
          max_per_payout: '100'
          approval_above: '50'
          windows:
            - { seconds: 3600, max_amount: '1000' }
            - seconds: 86400
              max_count: 100
      max_fee: '0.1'
      max_lifetime_seconds: 300
      allow_create_account: false
`;

function problemsOf(text: string): string[] {
  try {
    parseYaml(text, policySchema, 'policy.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ where, problem }) => `${where}: ${problem}`);
    throw error;
  }
  return [];
}

test('a policy file loads', () => {
  expect(problemsOf(FILE)).toEqual([]);
});

const KEY = 'keys.treasury';
const ASSET = `${KEY}.stellar.assets.stellar:testnet/slip44:148`;

interface Mistake {
  readonly what: string;
  /** What is replaced in the file, by what. */
  readonly change: readonly [from: string, to: string];
  /** A text that no other line of the changed file has. */
  readonly line: string;
  readonly problem: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'an unknown word of the file',
    change: ['version: 7', 'version: 7\nowner: me'],
    line: 'owner',
    problem: 'owner: unknown word',
  },
  {
    what: 'an unknown word of a key',
    change: ['    stellar:\n', '    limit: 5\n    stellar:\n'],
    line: 'limit: 5',
    problem: `${KEY}.limit: unknown word`,
  },
  {
    what: 'an unknown word of a destination',
    change: ['          memo:', "          note: ''\n          memo:"],
    line: 'note:',
    problem: `${KEY}.stellar.destinations.1.note: unknown word`,
  },
  {
    what: 'an unknown word of a window',
    change: ['max_count: 100', 'max_count: 100\n              hours: 24'],
    line: 'hours:',
    problem: `${ASSET}.windows.1.hours: unknown word`,
  },
  {
    what: 'a duplicate key',
    change: ['    fee_budget:', '    callers: {}\n    fee_budget:'],
    line: 'callers: {}',
    problem: 'Map keys must be unique',
  },
  {
    what: 'a duplicate asset',
    change: ['      max_fee:', "        stellar:testnet/slip44:148: { max_per_payout: '9' }\n      max_fee:"],
    line: "'9'",
    problem: 'Map keys must be unique',
  },
  {
    what: 'a duplicate approver',
    change: ['        bob:', '        alice:'],
    line: SSH_KEYS.bob,
    problem: 'Map keys must be unique',
  },
  {
    what: 'an anchor',
    change: ['    stellar:\n', '    stellar: &key\n'],
    line: 'network_passphrase',
    problem: 'anchors are not allowed',
  },
  {
    what: 'a memo that is none',
    change: ['id:7', 'id:-7'],
    line: 'id:-7',
    problem: `${KEY}.stellar.destinations.1.memo.1: expected id: and an unsigned integer of 64 bits`,
  },
  {
    what: 'an account twice',
    change: [STRANGER, RECIPIENT],
    line: 'address:',
    problem: `${KEY}.stellar.destinations.1.address: expected each destination once`,
  },
  {
    what: 'one key under two names',
    change: [SSH_KEYS.bob, SSH_KEYS.alice.replace('alice@', 'bob@')],
    line: 'bob:',
    problem: `${KEY}.approvals.approvers.bob: expected a key of their own, got that of alice`,
  },
  {
    what: 'too few approvers',
    change: ['threshold: 1', 'threshold: 3'],
    line: 'approvers:',
    problem: `${KEY}.approvals.approvers: expected at least 3, as many as have to sign`,
  },
  {
    what: 'a window without room for a payout',
    change: ["'1000'", "'99'"],
    line: "'99'",
    problem: `${ASSET}.windows.0.max_amount: expected at least 100, which one transaction may take`,
  },
  {
    what: 'two windows of one length',
    change: ['- seconds: 86400', '- seconds: 3600'],
    line: '- seconds: 3600',
    problem: `${ASSET}.windows.1.seconds: expected one window of 3600 seconds`,
  },
  {
    what: 'an amount for approvals that no payout reaches',
    change: ["approval_above: '50'", "approval_above: '100.1'"],
    line: 'approval_above',
    problem: `${ASSET}.approval_above: expected at most \`max_per_payout\`: more than that is paid to nobody`,
  },
  {
    what: 'a fee budget without room for a transaction',
    change: ["max: '5'", "max: '0.09'"],
    line: "'0.09'",
    problem: `${KEY}.fee_budget.0.max: expected at least 0.1, which one transaction may take`,
  },
];

test.each(MISTAKES)(
  '$what does not load, and is told by its line and field',
  ({ change: [from, to], line, problem }) => {
    expect(FILE.split(from)).toHaveLength(2);
    const text = FILE.replace(from, to);
    const found = text.split('\n').flatMap((each, i) => (each.includes(line) ? [i + 1] : []));
    expect(problemsOf(text)).toEqual(found.map((number) => `policy.yaml:${number}: ${problem}`));
  },
);

test('`any` without what it needs does not load', () => {
  const [head = '', tail = ''] = FILE.split(/ {6}destinations:[\s\S]*? {6}assets:/);
  const file = `${head}      destinations: any\n      assets:${tail}`.replace(/ {4}fee_budget:\n.*\n/, '');
  expect(problemsOf(file)).toEqual([
    `policy.yaml:4: ${KEY}.fee_budget: is needed with \`destinations: any\``,
    `policy.yaml:13: ${KEY}.stellar.memo: is needed with \`destinations: any\``,
  ]);
});
