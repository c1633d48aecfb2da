/** The routes of webhooks: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { WebhookDraft } from '../../application/webhooks/webhook-draft.ts';
import type { Webhooks } from '../../application/webhooks/webhooks.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { PROBLEMS, problemResponse } from '../responses.ts';
import { ChangeHeaders, CommandHeaders, shared } from '../schemas.ts';
import {
  testResource,
  WebhookListResource,
  WebhookPath,
  WebhookResource,
  WebhookTestResource,
  webhookResource,
} from './webhooks.ts';

const WEBHOOKS = '/v1/webhooks';
/** With its own pattern, so that the router tells an id from a verb behind it. */
const WEBHOOK = `${WEBHOOKS}/:webhook_id([A-Za-z0-9_-]+)`;
const TAGS = ['Webhooks'];
const NO_WEBHOOK = { 404: problemResponse('There is no such webhook.') };
const CHANGED = {
  409: problemResponse('Somebody else has changed it at the same time: try again.'),
  412: problemResponse('The webhook has another etag than `If-Match` demands.'),
};

/** A patch is checked with what it makes of the webhook: `null`, which no draft has, means something in it. */
const WebhookPatch = Type.Unknown({
  description:
    'A merge patch (RFC 7396): fields as in the creation of a webhook with their new values, `null` for what is to go.',
  examples: [{ event_types: ['budget.*'], enabled: true }],
});

export function webhookRoutes(server: FastifyInstance, webhooks: Webhooks): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [WebhookResource, WebhookListResource, WebhookTestResource]) app.addSchema(schema);

  app.post(
    WEBHOOKS,
    {
      schema: {
        operationId: 'createWebhook',
        summary: 'Have domain events sent to an address from now on',
        description: 'Only this answer shows the secret that deliveries are signed with.',
        tags: TAGS,
        headers: CommandHeaders,
        body: WebhookDraft,
        response: {
          201: shared(WebhookResource),
          409: problemResponse('The webhook_id is taken, or there are as many webhooks as there may be.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ body, headers }, reply) => {
      const view = await webhooks.create(body, contextOf(headers));
      reply
        .code(201)
        .header('location', `${WEBHOOKS}/${view.webhook.webhookId}`)
        .header('etag', etagHeader(view.etag));
      return webhookResource(view);
    },
  );

  app.get(
    WEBHOOKS,
    {
      schema: {
        operationId: 'listWebhooks',
        summary: 'List all webhooks',
        tags: TAGS,
        response: { 200: shared(WebhookListResource), ...PROBLEMS },
      },
    },
    async () => ({ webhooks: (await webhooks.list()).map(webhookResource) }),
  );

  app.get(
    WEBHOOK,
    {
      schema: {
        operationId: 'getWebhook',
        summary: 'Get a webhook and how its deliveries go',
        tags: TAGS,
        params: WebhookPath,
        response: { 200: shared(WebhookResource), ...NO_WEBHOOK, ...PROBLEMS },
      },
    },
    async ({ params }, reply) => {
      const view = await webhooks.get(params.webhook_id);
      reply.header('etag', etagHeader(view.etag));
      return webhookResource(view);
    },
  );

  app.patch(
    WEBHOOK,
    {
      schema: {
        operationId: 'updateWebhook',
        summary: 'Change a webhook',
        description: 'What fails is tried again at once. It takes effect within a few seconds.',
        tags: TAGS,
        params: WebhookPath,
        headers: ChangeHeaders,
        body: WebhookPatch,
        response: { 200: shared(WebhookResource), ...NO_WEBHOOK, ...CHANGED, ...PROBLEMS },
      },
    },
    async ({ params, headers, body }, reply) => {
      const view = await webhooks.update(params.webhook_id, body, contextOf(headers));
      reply.header('etag', etagHeader(view.etag));
      return webhookResource(view);
    },
  );

  app.delete(
    WEBHOOK,
    {
      schema: {
        operationId: 'deleteWebhook',
        summary: 'Remove a webhook',
        description: 'What was not delivered yet no longer is. It takes effect within a few seconds.',
        tags: TAGS,
        params: WebhookPath,
        headers: ChangeHeaders,
        response: { 204: Type.Null({ description: 'It is gone.' }), ...NO_WEBHOOK, ...CHANGED, ...PROBLEMS },
      },
    },
    async ({ params, headers }, reply) => {
      await webhooks.delete(params.webhook_id, contextOf(headers));
      return reply.code(204).send(null);
    },
  );

  app.post(
    `${WEBHOOK}::rotate-secret`,
    {
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: 'Replace the secret that deliveries are signed with',
        description: 'For a day deliveries are signed with both. Only this answer shows the new one.',
        tags: TAGS,
        params: WebhookPath,
        headers: ChangeHeaders,
        response: { 200: shared(WebhookResource), ...NO_WEBHOOK, ...CHANGED, ...PROBLEMS },
      },
    },
    async ({ params, headers }, reply) => {
      const view = await webhooks.rotateSecret(params.webhook_id, contextOf(headers));
      reply.header('etag', etagHeader(view.etag));
      return webhookResource(view);
    },
  );

  app.post(
    `${WEBHOOK}::test`,
    {
      schema: {
        operationId: 'testWebhook',
        summary: 'Send a test event now and tell what came back',
        description: 'Once, of the type `turnpike.test`, also to a webhook that is disabled.',
        tags: TAGS,
        params: WebhookPath,
        response: { 200: shared(WebhookTestResource), ...NO_WEBHOOK, ...PROBLEMS },
      },
    },
    async ({ params }) => testResource(await webhooks.test(params.webhook_id)),
  );
}
