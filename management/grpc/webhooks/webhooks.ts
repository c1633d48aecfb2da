/** From webhooks to their messages. */

import type { Webhook, WebhookStatus } from '../../../proto/generated/turnpike/v1/webhook_service.ts';
import type { WebhookView } from '../../application/webhooks/webhooks.ts';
import { protoTimestamp } from '../timestamp.ts';

const MOST_RETRYING = 10;

export function protoWebhook(view: WebhookView): Webhook {
  const { webhook, secrets, etag } = view;
  return {
    webhookId: webhook.webhookId,
    url: webhook.url,
    eventTypes: [...webhook.eventTypes],
    subjects: [...webhook.subjects],
    description: webhook.description,
    enabled: webhook.enabled,
    disabledReason: webhook.disabledReason ?? '',
    secrets: [...secrets],
    status: statusOf(view),
    etag,
    createdAt: protoTimestamp(webhook.createdAt),
    updatedAt: protoTimestamp(webhook.updatedAt),
  };
}

function statusOf({ progress }: WebhookView): WebhookStatus {
  const { lastSuccess, lastFailure, consecutiveFailures = 0, failing = {} } = progress ?? {};
  const retrying = Object.values(failing).sort((a, b) => a.since - b.since);
  return {
    lastSuccessAt: lastSuccess && protoTimestamp(lastSuccess.at),
    lastEventId: lastSuccess?.eventId ?? '',
    lastFailure: lastFailure && {
      at: protoTimestamp(lastFailure.at),
      eventId: lastFailure.eventId,
      status: lastFailure.status ?? 0,
      error: lastFailure.error,
    },
    consecutiveFailures,
    retrying: retrying.slice(0, MOST_RETRYING).map(({ eventId, since, attempts, nextAttemptAt }) => ({
      eventId,
      failingSince: protoTimestamp(since),
      attempts,
      nextAttemptAt: protoTimestamp(nextAttemptAt),
    })),
  };
}
