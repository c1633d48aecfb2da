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
        { name: 'Budgets', description: 'What campaigns may spend, on what, and how long it lasts.' },
        { name: 'Audiences', description: 'Whom campaigns are for, and how many people that is.' },
        { name: 'Partners', description: 'Who brings traffic and runs campaigns.' },
        { name: 'Accounts', description: 'What partners have earned, can be paid, and were paid.' },
        { name: 'Commissions', description: 'What partners earn by conversions, step by step, and refunds.' },
        { name: 'Payouts', description: 'Money sent to partners.' },
        { name: 'Webhooks', description: 'Who is told of domain events, signed.' },
        { name: 'Live feed', description: 'What changes, as it changes.' },
        { name: 'Tracking', description: 'Single events and what was decided on them.' },
        { name: 'Dead letters', description: 'What could not be processed, and its replay.' },
        {
          name: 'Campaigns of the documents',
          description: 'The paths of the source documents for campaigns, in their words.',
        },
        { name: 'Documents', description: 'The paths of the source documents, in their words.' },
        { name: 'Operation', description: 'For operators.' },
      ],
    },
    // Names as the schemas have them, instead of numbers.
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `schema-${i}`),
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) throw new Error('not an OpenAPI 3 document');
      relaxBodies(document.openapiObject as Document);
      return document.openapiObject;
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** Part of an OpenAPI document that is looked at here. */
interface Document {
  readonly paths?: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
}

const METHODS_WITH_BODY = ['post', 'put', 'patch'] as const;
type Method = (typeof METHODS_WITH_BODY)[number];

interface Operation {
  readonly requestBody?: RequestBody;
}

interface RequestBody {
  required?: boolean;
  readonly content: Readonly<Record<string, { readonly schema?: { readonly required?: readonly string[] } }>>;
}

/** A body in which nothing is required may be left out: the generator says of every body that it must be there. */
function relaxBodies(document: Document): void {
  const operations = Object.values(document.paths ?? {}).flatMap((path) =>
    METHODS_WITH_BODY.map((method) => path[method]),
  );
  for (const operation of operations) {
    const body = operation?.requestBody;
    if (body) body.required = (body.content['application/json']?.schema?.required ?? []).length > 0;
  }
}
