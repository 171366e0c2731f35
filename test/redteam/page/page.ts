import { type Attack, RAILS, type Rail } from '../attack.ts';
import { GUARDS, type GuardName } from '../guards.ts';
import type { Switch } from '../off/switch.ts';

const HEADING = `# The red team

An attacker who has the API's certificate, its database role and its process, and sometimes a neighbour's certificate, a broken key backend or the
signer's files, tries each of the attacks below against a real signer: over mutual TLS, with a real Postgres, an emulator of KMS and two replicas. Each is
refused for the reason that the table tells, and by the guard that it names. After each request that was refused the test also holds that no row of the
signer's ledger has changed, that the key backend was not asked, that exactly one audit event tells of it, and that the guard's stage refused it.

This page is made from the attacks of \`test/redteam\`: \`npm run generate\` writes it, and \`npm run check\` fails where it is not what they say. The claims
are those of [the threat model](threat-model.md).`;

const GUARDS_HEADING = `## Guards

A guard marked *bites* was switched off in the source (a few letters of the file, in a process of its own), and the attack named beside it got through:
the signature was given, the signer started, the connection opened. Where a second guard stands behind the first, both were switched off; with either of them
alone the attack was still refused.`;

const RAIL_TITLES: Readonly<Record<Rail, string>> = {
  wall: 'The wall',
  request: 'What stands beside the transaction',
  stellar: 'Payments on Stellar',
  authorization: 'Authorizations of a token transfer on Stellar',
  invocation: 'Envelopes around an authorization',
  evm: 'Transfers on EVM',
  erc20: 'ERC-20',
  lanes: 'Lanes, terms and limits over time',
  custody: 'Key backends',
  files: 'What a signer is started with',
  database: 'Databases and the audit log',
};

/** docs/red-team.md */
export function redTeamPage(attacks: readonly Attack[], switches: readonly Switch[]): string {
  const rails = RAILS.map((rail) => [rail, attacks.filter((attack) => attack.rail === rail)] as const);
  const sections = rails.map(([rail, ofRail]) => `## ${RAIL_TITLES[rail]}\n\n${attackTable(ofRail)}`);
  const count = `There are ${attacks.length} attacks and ${Object.keys(GUARDS).length} guards; ${new Set(switches.map(({ guard }) => guard)).size} of the guards were switched off, in ${switches.length} trials.`;
  return `${[HEADING, count, ...sections, GUARDS_HEADING, guardTable(switches)].join('\n\n')}\n`;
}

function attackTable(attacks: readonly Attack[]): string {
  const rows = attacks.map(({ title, claim, refused, guard }) => [title, claim, `\`${refused}\``, guard]);
  return table(['attack', 'claim', 'refused as', 'guard'], rows);
}

function guardTable(switches: readonly Switch[]): string {
  const names = Object.keys(GUARDS).filter((name): name is GuardName => name in GUARDS);
  return table(
    ['guard', 'stage', 'file', 'bites'],
    names.map((name) => {
      const { stage, file } = GUARDS[name];
      const bitten = switches.filter(({ guard }) => guard === name).map(biteOf);
      return [name, stage, `\`${file}\``, bitten.join('; ')];
    }),
  );
}

function biteOf({ attack, patches }: Switch): string {
  return patches.length === 1 ? attack : `${attack}, with a second guard off`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = (cell: string) => cell.replaceAll('|', '\\|');
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |`).join('\n');
}
