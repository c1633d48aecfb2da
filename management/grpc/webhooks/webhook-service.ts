/** The methods of `turnpike.v1.WebhookService`: thin over the application. */
import { TurnpikeError } from '../../../model/errors.ts';
import type {
  UpdateWebhookRequest,
  Webhook,
  WebhookServiceServer,
} from '../../../proto/generated/turnpike/v1/webhook_service.ts';
import { checker } from '../../application/check.ts';
import { invalid, refuse } from '../../application/violations.ts';
import { WebhookDraft, WebhookFields } from '../../application/webhooks/webhook-draft.ts';
import type { Webhooks } from '../../application/webhooks/webhooks.ts';
import { contextOf } from '../context.ts';
import { named } from '../request.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { protoWebhook } from './webhooks.ts';

const check = checker(WebhookDraft, 'webhook');
const FIELDS = Object.keys(WebhookFields.properties);
const FIELDS_OF_REQUESTS = ['webhook_id', 'request_id', 'webhook', 'webhook.webhook_id', 'update_mask'];

export function webhookService(webhooks: Webhooks, dependencies: UnaryDependencies): WebhookServiceServer {
  const webhookNamed = (webhookId: string, field = 'webhook_id'): string => named(webhookId, field);

  return {
    createWebhook: unary(dependencies, 'CreateWebhook', ({ webhookId, webhook, requestId }) =>
      spelled(async () => {
        const draft = check({ ...(webhookId && { webhook_id: webhookId }), ...fieldsOf(webhook) });
        return protoWebhook(await webhooks.create(draft, contextOf(requestId, '')));
      }),
    ),
    getWebhook: unary(dependencies, 'GetWebhook', async ({ webhookId }) =>
      protoWebhook(await webhooks.get(webhookNamed(webhookId))),
    ),
    listWebhooks: unary(dependencies, 'ListWebhooks', async () => ({
      webhooks: (await webhooks.list()).map(protoWebhook),
    })),
    updateWebhook: unary(dependencies, 'UpdateWebhook', (request) =>
      spelled(async () => {
        const webhookId = webhookNamed(request.webhook?.webhookId ?? '', 'webhook.webhook_id');
        return protoWebhook(await webhooks.update(webhookId, patchOf(request), contextOf('', request.etag)));
      }),
    ),
    deleteWebhook: unary(dependencies, 'DeleteWebhook', async ({ webhookId, etag }) => {
      await webhooks.delete(webhookNamed(webhookId), contextOf('', etag));
      return {};
    }),
    rotateWebhookSecret: unary(dependencies, 'RotateWebhookSecret', async ({ webhookId, requestId, etag }) =>
      protoWebhook(await webhooks.rotateSecret(webhookNamed(webhookId), contextOf(requestId, etag))),
    ),
    testWebhook: unary(dependencies, 'TestWebhook', async ({ webhookId }) => {
      const { eventId, attempt, durationMs } = await webhooks.test(webhookNamed(webhookId));
      return {
        eventId,
        delivered: attempt.result === 'delivered',
        status: 'status' in attempt ? attempt.status : 0,
        error: 'error' in attempt ? attempt.error : '',
        durationMs,
      };
    }),
  };
}

/** The fields of a draft; those that proto3 cannot tell from absent ones are left out. */
function fieldsOf(webhook: Webhook | undefined): Record<string, unknown> {
  if (webhook === undefined) return refuse([{ field: 'webhook', description: 'is required' }]);
  const { url, eventTypes, subjects, description, enabled } = webhook;
  return {
    ...(url && { url }),
    ...(eventTypes.length > 0 && { event_types: eventTypes }),
    ...(subjects.length > 0 && { subjects }),
    ...(description && { description }),
    ...(enabled !== undefined && { enabled }),
  };
}

function patchOf({ webhook, updateMask = [] }: UpdateWebhookRequest): Record<string, unknown> {
  const fields = fieldsOf(webhook);
  if (updateMask.length === 0) return fields;
  return Object.fromEntries(
    updateMask.map((path) => {
      if (!FIELDS.includes(path)) refuse([{ field: 'update_mask', description: `cannot name ${path}` }]);
      return [path, fields[path] ?? null];
    }),
  );
}

/** @throws TurnpikeError with the fields at fault as the request has them */
async function spelled<A>(run: () => Promise<A>): Promise<A> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TurnpikeError) || error.failure.code !== 'invalid_argument') throw error;
    const { violations } = error.failure;
    if (violations === undefined) throw error;
    throw invalid(
      violations.map(({ field, description }) => ({
        field: FIELDS_OF_REQUESTS.includes(field) ? field : `webhook.${field}`,
        description,
      })),
    );
  }
}
