import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePart } from '@countersign/dev/describe-part';
import { type Stack, startStack } from '@countersign/dev/stack';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { follow, order, toEvm, toStellar } from '../harness/payouts.ts';
import { until } from '../harness/until.ts';
import { panelsOf, readDashboard } from './dashboard.ts';
import { type Prometheus, prometheusFolder, startPrometheus } from './prometheus.ts';

let stack: Stack;
let metrics: Readonly<Record<'api' | 'signer', string>>;

beforeAll(async () => {
  stack = await startStack({
    // The last recipient is one that the API pays and the signer's policy does not list.
    policy: (document) => {
      const policy = structuredClone(document);
      policy.keys['treasury-evm'].evm.destinations.pop();
      return policy;
    },
  });
  await payOnce();
  metrics = { api: await read(stack.urls.apiMetrics), signer: await read(stack.urls.signerMetrics) };
}, 120_000);
afterAll(() => stack.stop());

const read = async (url: string): Promise<string> => (await fetch(url)).text();

/** A payout on each chain, and one that policy denies. */
async function payOnce(): Promise<void> {
  const paid = [await order(stack, toStellar(stack, '1')), await order(stack, toEvm(stack, '0.1'))];
  const denied = await order(stack, toEvm(stack, '0.1', stack.recipients.evm.length - 1));
  for (const { id } of paid) await follow(stack, id);
  await follow(stack, denied.id, ({ status }) => status === 'failed');
}

/** The names that a process exposes; those of a histogram with what Prometheus adds. */
function namesIn(text: string): Set<string> {
  return new Set([...text.matchAll(/^([a-z_]+)(?:\{| )/gm)].map(([, name = '']) => name));
}

test('every metric that a rule or a panel names is one that a process exposes', () => {
  const exposed = namesIn(`${metrics.api}\n${metrics.signer}`);
  const declared = [...`${metrics.api}\n${metrics.signer}`.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  // Counters with labels are declared before they count anything.
  for (const [, name = '', type] of declared) {
    exposed.add(name);
    if (type === 'histogram') for (const suffix of ['bucket', 'count', 'sum']) exposed.add(`${name}_${suffix}`);
  }
  const { groups }: { groups: { rules: { expr: string }[] }[] } = parse(
    readFileSync(join(prometheusFolder, 'rules.yml'), 'utf8'),
  );
  const rules = groups.flatMap(({ rules: inGroup }) => inGroup.map(({ expr }) => expr));
  const panels = panelsOf(readDashboard()).flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const named = [...rules, ...panels].flatMap(
    (expr) => expr.match(/\b(?:countersign|nodejs|process)_[a-z0-9_]+/g) ?? [],
  );
  expect(new Set(named).size).toBeGreaterThan(15);
  expect([...new Set(named)].filter((name) => !exposed.has(name))).toEqual([]);
});

describePart({ describe, test }, 'promtool', ({ file: promtool }) => {
  const run = (args: readonly string[], input?: string) => {
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: prometheusFolder, encoding: 'utf8', input });
    return { status, output: `${stdout}${stderr}` };
  };

  test('the configuration and the rules it names are right', () => {
    expect(run(['check', 'config', 'prometheus.yml'])).toEqual({
      status: 0,
      output: expect.stringContaining('SUCCESS'),
    });
  });

  test('each alert fires for what it is about and is silent while all is well', () => {
    expect(run(['test', 'rules', 'rules.test.yml'])).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
  });

  test('no alert is without a test', () => {
    const alerts = [...readFileSync(join(prometheusFolder, 'rules.yml'), 'utf8').matchAll(/- alert: (\w+)/g)];
    const tests = readFileSync(join(prometheusFolder, 'rules.test.yml'), 'utf8');
    expect(alerts.length).toBeGreaterThan(10);
    for (const [, name] of alerts) expect(tests).toMatch(new RegExp(`alertname: ${name}\\n\\s+exp_alerts:\\n`));
  });

  test.each(['api', 'signer'] as const)('the metrics of the %s are well formed and well named', (name) => {
    const { output } = run(['check', 'metrics'], metrics[name]);
    // Gauges that prom-client brings under these names.
    const known = /^nodejs_active_(handles|requests|resources)_total non-counter metrics should not have/;
    expect(output.split('\n').filter((line) => line !== '' && !known.test(line))).toEqual([]);
    expect(run(['check', 'metrics'], '# TYPE x counter\nx 1\n').output).toContain('"_total" suffix');
  });
});

describePart({ describe, test }, 'prometheus', ({ file }) => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus(file, {
      'api:9465': new URL(stack.urls.apiMetrics).host,
      'signer:9464': new URL(stack.urls.signerMetrics).host,
    });
    const scraped = async (count: number) => {
      const up = await prometheus.query('sum by (job) (count_over_time(up[5m]) * up)');
      return up.length === 2 && up.every(({ values: [seen = 0] }) => seen >= count);
    };
    await until('both are scraped', () => scraped(2), 60_000);
    await payOnce();
    const [seen] = await prometheus.query('max(count_over_time(up[5m]))');
    await until('what was paid is scraped', () => scraped((seen?.values[0] ?? 0) + 2), 60_000);
  }, 120_000);
  afterAll(async () => await prometheus[Symbol.asyncDispose]());

  test.each(panelsOf(readDashboard()).map((panel) => [panel.title, panel.targets] as const))(
    'the panel %s shows something',
    async (_title, targets) => {
      for (const { expr, range } of targets) {
        const asked = expr.replaceAll('$__rate_interval', '2m');
        const series = range ? await prometheus.queryRange(asked, 60) : await prometheus.query(asked);
        expect(series.some(({ values }) => values.some(Number.isFinite))).toBe(true);
      }
    },
  );

  test('the dashboard tells the denied payout and its reason', async () => {
    const denials = await prometheus.query('sum by (key, reason) (countersign_policy_denials_total)');
    expect(denials).toEqual([
      { labels: { key: 'treasury-evm', reason: 'DESTINATION_NOT_ALLOWED' }, values: [expect.any(Number)] },
    ]);
  });

  test('all rules are evaluated, and nobody is woken', async () => {
    const rules = await prometheus.get('/api/v1/rules');
    expect(JSON.stringify(rules)).not.toContain('"health":"err"');
    expect(JSON.stringify(rules)).toContain('"name":"SignerDown"');
    expect(await prometheus.query('ALERTS{alertstate="firing", severity="page"}')).toEqual([]);
  });
});
