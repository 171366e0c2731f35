import { latencyBuckets } from '@countersign/runtime/metrics';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Histogram, type Registry } from 'prom-client';

/** Times every request by route, method and class of status: bounded sets, never a path or an id. */
export function createHttpMetrics(registry: Registry) {
  const seconds = new Histogram({
    name: 'countersign_http_requests_seconds',
    help: 'Time from the first byte of a request to its answer',
    labelNames: ['route', 'method', 'status'],
    buckets: [...latencyBuckets],
    registers: [registry],
  });
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    seconds.observe({ route, method: request.method, status }, reply.elapsedTime / 1000);
  };
}
