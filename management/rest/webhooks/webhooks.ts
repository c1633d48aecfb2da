/** What REST shows of webhooks: schemas, and from the application to them. */
import { type Static, Type } from 'typebox';
import { formatInstant } from '../../application/instant.ts';
import { WEBHOOK_ID_PATTERN } from '../../application/webhooks/webhook-draft.ts';
import type { TestResult, WebhookView } from '../../application/webhooks/webhooks.ts';
import { count, instant, shared } from '../schema-parts.ts';

export const WebhookPath = Type.Object({
  webhook_id: Type.String({ pattern: WEBHOOK_ID_PATTERN, description: 'The webhook.' }),
});

const FailureResource = Type.Object(
  {
    at: instant('When it was tried.'),
    event_id: Type.String({ description: 'The event.' }),
    status: Type.Optional(Type.Integer({ description: 'The status of the answer, if there was one.' })),
    error: Type.String({ description: 'What went wrong.' }),
  },
  { description: 'The last attempt that failed.' },
);

const RetryResource = Type.Object({
  event_id: Type.String({ description: 'The event; those behind it in its partition wait for it.' }),
  failing_since: instant('When it was tried first.'),
  attempts: count('Attempts so far.'),
  next_attempt_at: instant('When it is tried again.'),
});

const StatusResource = Type.Object(
  {
    last_success_at: Type.Optional(instant('When an event was delivered last.')),
    last_event_id: Type.Optional(Type.String({ description: 'The event that was delivered last.' })),
    last_failure: Type.Optional(FailureResource),
    consecutive_failures: count('Attempts that failed since the last one that succeeded.'),
    retrying: Type.Array(RetryResource, {
      description: 'Events that could not be delivered yet, the longest waiting first; at most 10.',
    }),
  },
  { description: 'How deliveries go.' },
);

export const WebhookResource = Type.Object(
  {
    webhook_id: Type.String({ description: 'Identifier.' }),
    url: Type.String({ description: 'Where events are sent to.' }),
    event_types: Type.Array(Type.String(), { description: 'Types, or patterns of them; none: all types.' }),
    subjects: Type.Array(Type.String(), { description: 'Only what happens to these; none: to anybody.' }),
    description: Type.String({ description: 'For people.' }),
    enabled: Type.Boolean({ description: 'Whether events are delivered.' }),
    disabled_reason: Type.Optional(Type.String({ description: 'Why Turnpike itself has disabled it.' })),
    secrets: Type.Array(Type.String(), {
      description:
        'What deliveries are signed with, the present secret first: whole in the answer that mints it, masked ' +
        'otherwise.',
    }),
    status: StatusResource,
    etag: Type.String({ description: 'Changes with every change of the webhook; also the ETag header.' }),
    created_at: instant('When it was created: what happened before is not delivered.'),
    updated_at: instant('When it was last changed.'),
  },
  { $id: 'Webhook', description: 'Somebody who is told of domain events.' },
);
export type WebhookResource = Static<typeof WebhookResource>;

export const WebhookListResource = Type.Object(
  { webhooks: Type.Array(shared(WebhookResource), { description: 'All there are, by their ids.' }) },
  { $id: 'WebhookList', description: 'Webhooks.' },
);

export const WebhookTestResource = Type.Object(
  {
    event_id: Type.String({ description: 'Identifier of the event that was sent.' }),
    delivered: Type.Boolean({ description: 'Whether it was answered with 2xx.' }),
    status: Type.Optional(Type.Integer({ description: 'The status of the answer, if there was one.' })),
    error: Type.Optional(Type.String({ description: 'What went wrong.' })),
    duration_ms: count('Milliseconds until the answer.'),
  },
  { $id: 'WebhookTest', description: 'What came of a test event.' },
);

const MOST_RETRYING = 10;

export function webhookResource({ webhook, secrets, etag, progress }: WebhookView): WebhookResource {
  const { lastSuccess, lastFailure, consecutiveFailures = 0, failing = {} } = progress ?? {};
  const retrying = Object.values(failing).sort((a, b) => a.since - b.since);
  return {
    webhook_id: webhook.webhookId,
    url: webhook.url,
    event_types: [...webhook.eventTypes],
    subjects: [...webhook.subjects],
    description: webhook.description,
    enabled: webhook.enabled,
    ...(webhook.disabledReason !== undefined && { disabled_reason: webhook.disabledReason }),
    secrets: [...secrets],
    status: {
      ...(lastSuccess && {
        last_success_at: formatInstant(lastSuccess.at),
        last_event_id: lastSuccess.eventId,
      }),
      ...(lastFailure && {
        last_failure: {
          at: formatInstant(lastFailure.at),
          event_id: lastFailure.eventId,
          ...(lastFailure.status !== undefined && { status: lastFailure.status }),
          error: lastFailure.error,
        },
      }),
      consecutive_failures: consecutiveFailures,
      retrying: retrying.slice(0, MOST_RETRYING).map(({ eventId, since, attempts, nextAttemptAt }) => ({
        event_id: eventId,
        failing_since: formatInstant(since),
        attempts,
        next_attempt_at: formatInstant(nextAttemptAt),
      })),
    },
    etag,
    created_at: formatInstant(webhook.createdAt),
    updated_at: formatInstant(webhook.updatedAt),
  };
}

export function testResource({
  eventId,
  attempt,
  durationMs,
}: TestResult): Static<typeof WebhookTestResource> {
  return {
    event_id: eventId,
    delivered: attempt.result === 'delivered',
    ...('status' in attempt && { status: attempt.status }),
    ...('error' in attempt && { error: attempt.error }),
    duration_ms: durationMs,
  };
}
