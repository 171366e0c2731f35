import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { mountsOf, readCompose, repository, serviceOf } from './compose-file.ts';
import { panelsOf, readDashboard } from './dashboard.ts';

const dashboard = readDashboard();
const yaml = (file: string) => parse(readFileSync(join(repository, 'infra/grafana/provisioning', file), 'utf8'));

test('every panel has an id of its own, and its place to itself', () => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const taken = new Set<string>();
  for (const { gridPos, title } of dashboard.panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([title, taken.has(`${x},${y}`)]).toEqual([title, false]);
        taken.add(`${x},${y}`);
      }
    }
  }
});

test('every query asks the data source that is provisioned, under a letter of its own', () => {
  const { datasources }: { datasources: { uid: string; type: string; url: string }[] } =
    yaml('datasources/prometheus.yml');
  expect(datasources.map(({ uid, type, url }) => ({ uid, type, url }))).toEqual([
    { uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090' },
  ]);
  for (const { datasource, targets } of panelsOf(dashboard)) {
    expect(
      [datasource.uid, ...targets.map((target) => target.datasource.uid)].every((uid) => uid === 'prometheus'),
    ).toBe(true);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    expect(targets.every(({ range, instant }) => range !== instant)).toBe(true);
  }
});

test('Grafana finds the dashboard where the provider and docker-compose.yml say', () => {
  const { providers }: { providers: { type: string; options: { path: string } }[] } =
    yaml('dashboards/countersign.yml');
  const [provider] = providers;
  expect(provider?.type).toBe('file');
  const grafana = serviceOf(readCompose(), 'grafana');
  const mounts = mountsOf(grafana).map(({ source, target }) => `${source} ${target}`);
  expect(mounts).toContain(`./infra/grafana/dashboards ${provider?.options.path}`);
  expect(mounts).toContain('./infra/grafana/provisioning /etc/grafana/provisioning');
  expect(grafana.environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']).toBe(
    `${provider?.options.path}/countersign.json`,
  );
});
