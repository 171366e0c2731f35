import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/**
 * Bounds of latency histograms in seconds, from 0.5 ms to 30 s: dense where the overhead over a key backend lies, below
 * 10 ms.
 */
export const latencyBuckets: readonly number[] = [
  0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2,
  5, 10, 30,
];

/** A registry of its own with the process metrics and `countersign_build_info{service,version,node}`, which is 1. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'countersign_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['service', 'version', 'node'],
    registers: [registry],
  }).set({ service, version: packageVersion(), node: process.versions.node }, 1);
  return registry;
}

// All packages of the workspace carry one version.
function packageVersion(): string {
  const manifest: { version?: unknown } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(manifest.version);
}
