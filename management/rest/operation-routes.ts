/** Routes for operators: is it alive, does it accept work, what does it measure. */
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { Type } from 'typebox';
import { fail } from '../../model/errors.ts';

const Status = Type.Object({ status: Type.String() }, { description: 'How it is.' });
const TAGS = ['Operation'];

export function operationRoutes(app: FastifyInstance, registry: Registry, ready: () => boolean): void {
  app.get(
    '/healthz',
    { schema: { operationId: 'healthz', summary: 'Alive?', tags: TAGS, response: { 200: Status } } },
    async () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    { schema: { operationId: 'readyz', summary: 'Accepting work?', tags: TAGS, response: { 200: Status } } },
    async () => (ready() ? { status: 'ready' } : fail('unavailable', 'not accepting work')),
  );

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        summary: 'Metrics for Prometheus',
        tags: TAGS,
        response: { 200: { content: { 'text/plain': { schema: Type.String() } }, description: 'Figures.' } },
      },
    },
    async (_request, reply) => {
      reply.type(registry.contentType);
      return registry.metrics();
    },
  );
}
