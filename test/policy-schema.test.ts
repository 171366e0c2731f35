import { readFileSync } from 'node:fs';
import { policyDocument } from '@countersign/dev/configuration';
import { generateKeys } from '@countersign/dev/keys';
import { generateRecipients } from '@countersign/dev/recipients';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';

// docs/policy.schema.json as an editor uses it: JSON Schema alone, without the loader.

const schema = JSON.parse(readFileSync(new URL('../docs/policy.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ allErrors: true, formats: { 'date-time': true } }).compile(schema);

const HEX = 'ab'.repeat(32);
const document = () => policyDocument(generateKeys(2), generateRecipients(2));
type Document = ReturnType<typeof document>;

/** The policy of the dev stack, changed. */
function changed(change: (document: Document) => unknown): unknown {
  const copy = document();
  change(copy);
  return copy;
}
const stellar = (words: object) => changed(({ keys }) => Object.assign(keys['treasury-stellar'].stellar, words));
const evm = (words: object) => changed(({ keys }) => Object.assign(keys['treasury-evm'].evm, words));
const key = (words: object) => changed(({ keys }) => Object.assign(keys['treasury-evm'], words));
const address = generateRecipients(1).stellar[0];

describe('the JSON Schema of the policy file', () => {
  test.each<[what: string, file: unknown]>([
    ['the policy of the dev stack', document()],
    ['any destination', stellar({ destinations: 'any', memo: 'none' })],
    ...['none', 'any', 'text:a\nb', 'id:18446744073709551615', `hash:${HEX}`, `return:${HEX}`].map(
      (memo): [string, unknown] => [`the memo ${memo}`, stellar({ destinations: [{ address, memo }] })],
    ),
    ['several memos', stellar({ destinations: [{ address, memo: ['none', 'text:x'] }] })],
    ['an EVM address in one case', evm({ destinations: [`0x${'ab'.repeat(20)}`] })],
    [
      'approvals',
      key({
        approvals: {
          threshold: 2,
          approvers: {
            alice: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICAhrL5/Cf8WDR1MaqiLUIjoYIBmdvqKgkaVOcseP5XU alice@example.org',
            bob: 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAA=',
          },
          unlisted_destinations: true,
          max_lifetime_seconds: 60,
        },
      }),
    ],
  ])('takes %s', (_, file) => {
    validate(file);
    expect(validate.errors).toBeNull();
  });

  test.each<[what: string, file: unknown, path: string]>([
    ['an unknown word', { ...document(), colour: 'red' }, ''],
    ['an unknown word of a destination', stellar({ destinations: [{ address, memo: 'any', note: 'x' }] }), '/0'],
    ['a destination that is no address', stellar({ destinations: ['x'] }), '/destinations/0'],
    ['a memo without a type', stellar({ destinations: [{ address, memo: 'x' }] }), '/memo'],
    ['a number for an amount', stellar({ max_fee: 0.1 }), '/max_fee'],
    ['an amount with a sign', stellar({ max_fee: '-0.1' }), '/max_fee'],
    ['an asset that is none', evm({ assets: { gold: { max_per_payout: '1' } } }), '/assets'],
    ['an empty list of windows', key({ fee_budget: [] }), '/fee_budget'],
    ['a window of no length', key({ fee_budget: [{ seconds: 0, max: '1' }] }), '/seconds'],
    ['a threshold of 0', key({ approvals: { threshold: 0 } }), '/approvals/threshold'],
  ])('refuses %s', (_, file, path) => {
    expect(validate(file)).toBe(false);
    expect(validate.errors?.map(({ instancePath }) => instancePath)).toContainEqual(expect.stringContaining(path));
  });

  test('tells what every word means', () => {
    const silent = (path: string, { properties = {}, additionalProperties, items, anyOf = [] }: Node): string[] => [
      ...Object.entries(properties).flatMap(([name, word]) => [
        ...(word.description === undefined ? [`${path}/${name}`] : []),
        ...silent(`${path}/${name}`, word),
      ]),
      ...[additionalProperties, items, ...anyOf].flatMap((inner) => (inner ? silent(`${path}/*`, inner) : [])),
    ];
    expect(silent('', schema)).toEqual([]);
  });
});

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | false;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}
