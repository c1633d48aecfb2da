/** What a webhook may be created with, and changed to, in the spelling of REST. gRPC requests are brought into it. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { hostFault } from '../../delivery/addresses.ts';
import { EVENT_TYPE_PATTERN } from '../../delivery/matching.ts';
import { CAMPAIGN_ID_PATTERN } from '../campaigns/campaign-draft.ts';
import { plainText } from '../text.ts';
import type { Violations } from '../violations.ts';

/** Identifiers that a webhook may have. */
export const WEBHOOK_ID_PATTERN = CAMPAIGN_ID_PATTERN;

export const WebhookFields = Type.Object({
  url: Type.String({
    maxLength: limits.urlLength,
    description: 'Where events are sent to, by POST: an http or https address on a public host.',
    examples: ['https://hooks.example/turnpike'],
  }),
  event_types: Type.Optional(
    Type.Array(Type.String({ maxLength: limits.idLength, pattern: EVENT_TYPE_PATTERN }), {
      maxItems: limits.webhookEventTypes,
      description: 'Types of events, or patterns of them: `budget.exhausted`, `campaign.*`. None: all types.',
      examples: [['campaign.*', 'budget.exhausted']],
    }),
  ),
  subjects: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: limits.idLength }), {
      maxItems: limits.webhookSubjects,
      description: 'Only what happens to these, by their ids, such as campaigns. None: to anybody.',
      examples: [['spring-sale']],
    }),
  ),
  description: Type.Optional(
    Type.String({ maxLength: limits.webhookDescriptionLength, description: 'For people.' }),
  ),
  enabled: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Whether events are delivered. Those of a time in which it is not are delivered later.',
    }),
  ),
});
export type WebhookFields = Static<typeof WebhookFields>;

export const WebhookDraft = Type.Object({
  webhook_id: Type.Optional(
    Type.String({ pattern: WEBHOOK_ID_PATTERN, description: 'Identifier; minted if absent.' }),
  ),
  ...WebhookFields.properties,
});
export type WebhookDraft = Static<typeof WebhookDraft>;

/**
 * What fields say, whole.
 *
 * @param allowPrivate whether addresses that are not public may be called
 * @throws TurnpikeError `invalid_argument`
 */
export function checkedFields(fields: WebhookFields, allowPrivate: boolean, violations: Violations) {
  const url = checkedUrl(fields.url, allowPrivate, violations);
  const { description = '', subjects = [], event_types: eventTypes = [] } = fields;
  if (description !== '') plainText(description, 'description', violations);
  for (const [index, subject] of subjects.entries()) plainText(subject, `subjects[${index}]`, violations);
  violations.refuse();
  return {
    url,
    eventTypes: [...new Set(eventTypes)],
    subjects: [...new Set(subjects)],
    description,
    enabled: fields.enabled ?? true,
  };
}

function checkedUrl(text: string, allowPrivate: boolean, violations: Violations): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    violations.add(
      'url',
      'must be an absolute http or https address, such as https://hooks.example/turnpike',
    );
    return text;
  }
  if (url.username !== '' || url.password !== '')
    violations.add('url', 'must not contain a user name or password: events are signed instead');
  if (url.hash !== '') violations.add('url', 'must not have a fragment: it is never sent');
  const fault = allowPrivate ? undefined : hostFault(url.hostname);
  if (fault !== undefined) violations.add('url', `must be of a public host: ${fault}`);
  return url.href;
}
