import { startObservabilityServer } from '@countersign/runtime/observability-server';
import type { ApiConfig } from '../config/config.ts';
import { createEngine } from '../engine/engine.ts';
import { readinessChecks } from '../http/ops/readiness.ts';
import { createHttpApp } from './app.ts';
import { closeContext, createContext } from './context.ts';
import { prepareDatabase } from './database.ts';

export interface Api {
  /** Where it listens. */
  readonly url: string;
  /** Where operations read metrics and probes. */
  readonly metricsUrl: string;
  /** Answers the requests in flight, lets the engine put down what it holds, and closes every connection. */
  close(): Promise<void>;
}

/** Starts the whole service: database, engine, HTTP. */
export async function startApi(config: ApiConfig): Promise<Api> {
  const context = createContext(config);
  try {
    await prepareDatabase(context.pool);
    const engine = createEngine({ ...context, pool: context.enginePool });
    const http = await createHttpApp(context);
    const url = await http.server.listen({ ...config.http });
    const observability = await startObservabilityServer({
      ...config.observability,
      metrics: context.metrics,
      checks: readinessChecks(context),
    });
    engine.start();
    context.log.info({ url, metricsUrl: observability.url }, 'listening');
    const close = async () => {
      await http.close();
      await engine.stop();
      await observability.close();
      await closeContext(context);
      context.log.info('stopped');
    };
    return { url, metricsUrl: observability.url, close };
  } catch (error) {
    await closeContext(context);
    throw error;
  }
}
