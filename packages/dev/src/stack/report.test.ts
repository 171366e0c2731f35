import { describe, expect, test } from '@jest/globals';
import { demoOrders } from './demo.ts';
import { guide } from './guide.ts';
import { generateKeys } from './keys.ts';
import { reportLine } from './report.ts';
import { urlsOf } from './urls.ts';

const urls = urlsOf({ api: 1, apiMetrics: 7, signer: 2, signerMetrics: 3, kms: 4, stellar: 5, anvil: 6 });
const payout = {
  id: 'po_1',
  chain: 'eip155:31337',
  asset: 'eip155:31337/slip44:60',
  amount: '0.25',
  destination: '0xAA',
  status: 'completed',
  hash: '0x01',
  key: 'treasury-evm',
  path: 'kms',
  reason: null,
};

describe('reportLine', () => {
  test('is one line of JSON without what was not asked for', () => {
    const line = reportLine({ payouts: [payout], problems: [], urls });
    const { reason, ...shown } = payout;
    expect(line).not.toContain('\n');
    expect(line).toMatch(/^\{"ok":true,"payouts":/);
    expect(JSON.parse(line)).toEqual({ ok: true, payouts: [shown], urls });
  });

  test('says why it is not ok', () => {
    const line = reportLine({ payouts: [], problems: ['signer ended'], urls: {} });
    expect(JSON.parse(line)).toEqual({ ok: false, reasons: ['signer ended'], payouts: [], urls: {} });
  });
});

test('the guide holds commands that a shell can run as they are', () => {
  const keys = generateKeys(0);
  const recipients = { stellar: ['GA'], contracts: ['CA'], evm: ['0xAA'] };
  const audit = { log: '/tmp/x/audit.jsonl', checkpointKey: '/tmp/x/key', checkpointPublicKey: '/tmp/x/pub' };
  const environmentOf = () => ({ PATH: '/bin', KEYS_FILE: '/tmp/x/keys.yaml', TREASURY_EVM_SEED: 'seed' });
  const text = guide({ urls, apiKey: 'cs_key', keys, recipients, dir: '/tmp/x', audit, environmentOf });
  const body = /-d '(.*)'/.exec(text)?.[1] ?? '';
  expect(JSON.parse(body)).toEqual(demoOrders({ keys, recipients })[0]);
  expect(text.match(/^curl /gm)).toHaveLength(2);
  expect(text).toContain(`audit verify ${audit.log} --checkpoint-key ${audit.checkpointPublicKey}\n`);
  for (const url of Object.values(urls)) expect(text).toContain(url);
  expect(text).toContain(`\nexport KEYS_FILE='/tmp/x/keys.yaml'\n`);
  expect(text).toContain('\nnpm run -s signerctl -- keys doctor\n');
  expect(text).not.toMatch(/SEED|PATH=/);
});
