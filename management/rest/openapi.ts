/** The documentation that the routes' schemas make: OpenAPI 3.1 and a page to read it. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

const ABOUT = `Manages campaigns and tells their figures.

Errors are problem details (RFC 9457, \`application/problem+json\`). Money is exact: a decimal string and an ISO 4217
code. Times are RFC 3339. Unknown fields are ignored. Send an \`Idempotency-Key\` with every command: repeating a
request with the same key is harmless.`;

/** To be registered before the routes that it is to know of. */
export async function documentation(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Turnpike', version, description: ABOUT, license: { name: 'MIT', identifier: 'MIT' } },
      tags: [
        { name: 'Campaigns', description: 'Campaigns, their life and their figures.' },
        { name: 'Operation', description: 'For operators.' },
      ],
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
