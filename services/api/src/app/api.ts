import type { ApiConfig } from '../config/config.ts';
import { createEngine } from '../engine/engine.ts';
import { createHttpApp } from './app.ts';
import { closeContext, createContext } from './context.ts';
import { prepareDatabase } from './database.ts';

export interface Api {
  /** Where it listens. */
  readonly url: string;
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
    engine.start();
    context.log.info({ url }, 'listening');
    const close = async () => {
      await http.close();
      await engine.stop();
      await closeContext(context);
      context.log.info('stopped');
    };
    return { url, close };
  } catch (error) {
    await closeContext(context);
    throw error;
  }
}
