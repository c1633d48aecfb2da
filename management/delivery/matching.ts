/** Which domain events a webhook wants. */
import type { Webhook } from './webhook.ts';

/** A type, or the beginning of types and `.*`; `*` alone is every type. */
export const EVENT_TYPE_PATTERN = '^(\\*|[a-z_]+(\\.[a-z_]+)*(\\.\\*)?)$';

/** Whether a pattern stands for a type: `campaign.*` for `campaign.paused`, and not for `campaigns.paused`. */
export function matchesType(pattern: string, type: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}

export function isWanted(
  { eventTypes, subjects }: Pick<Webhook, 'eventTypes' | 'subjects'>,
  { type, subject }: { readonly type: string; readonly subject: string },
): boolean {
  return (
    (eventTypes.length === 0 || eventTypes.some((pattern) => matchesType(pattern, type))) &&
    (subjects.length === 0 || subjects.includes(subject))
  );
}
