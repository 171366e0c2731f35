import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { docsPlugin } from '../http/openapi/docs.ts';
import { registerPayoutsGauge } from '../http/ops/payouts-gauge.ts';
import { ProblemFilter } from '../http/problem/problem-filter.ts';
import { createAdapter } from '../http/server/adapter.ts';
import type { RouteTable } from '../http/server/route-table.ts';
import { appModule } from './app.module.ts';
import type { AppContext } from './context.ts';

export interface HttpApp {
  readonly server: FastifyInstance;
  readonly routes: RouteTable;
  /** Stops taking requests, and resolves when those in flight are answered. */
  close(): Promise<void>;
}

/** The HTTP face over a context; it does not listen yet. */
export async function createHttpApp(context: AppContext): Promise<HttpApp> {
  const { adapter, server, routes } = createAdapter(context);
  const nest = await NestFactory.create<NestFastifyApplication>(appModule(context), adapter, {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  nest.useGlobalFilters(new ProblemFilter(context.log));
  registerPayoutsGauge(context.metrics, context.pool);
  await server.register(docsPlugin);
  await nest.init();
  await server.ready();
  return { server, routes, close: () => nest.close() };
}
