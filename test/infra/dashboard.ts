import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repository } from './compose-file.ts';

const targetSchema = z.object({
  refId: z.string(),
  expr: z.string().min(1),
  legendFormat: z.string(),
  range: z.boolean(),
  instant: z.boolean(),
  datasource: z.object({ type: z.literal('prometheus'), uid: z.string() }),
});

const placeSchema = z.object({ h: z.int().min(1), w: z.int().min(1), x: z.int().min(0), y: z.int().min(0) });

const panelSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('row'),
    id: z.int(),
    title: z.string().min(1),
    gridPos: placeSchema,
    panels: z.tuple([]),
  }),
  z.object({
    type: z.enum(['stat', 'timeseries']),
    id: z.int(),
    title: z.string().min(1),
    description: z.string().min(1),
    gridPos: placeSchema,
    datasource: z.object({ type: z.literal('prometheus'), uid: z.string() }),
    fieldConfig: z.object({ defaults: z.object({ unit: z.string().min(1) }) }),
    targets: z.array(targetSchema).min(1),
  }),
]);

/** A dashboard as Grafana's model has it, as far as this one uses it. */
const dashboardSchema = z.object({
  uid: z.string().min(1),
  title: z.string().min(1),
  schemaVersion: z.int().min(39),
  editable: z.literal(false),
  panels: z.array(panelSchema),
});

export type Panel = Extract<z.output<typeof panelSchema>, { targets: unknown }>;
export type Dashboard = z.output<typeof dashboardSchema>;

export const readDashboard = (): Dashboard =>
  dashboardSchema.parse(
    JSON.parse(readFileSync(join(repository, 'infra/grafana/dashboards/countersign.json'), 'utf8')),
  );

export const panelsOf = ({ panels }: Dashboard): Panel[] => panels.filter((panel) => panel.type !== 'row');
