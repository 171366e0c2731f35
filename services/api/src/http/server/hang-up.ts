import type { FastifyInstance } from 'fastify';

/** While the server closes, each answer ends its connection: a kept-alive one would keep the server from ending. */
export function hangUpWhileClosing(server: FastifyInstance): void {
  let closing = false;
  server.addHook('preClose', async () => {
    closing = true;
  });
  server.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
}
