/** What the parts of the baseline agree on. */

export interface BaselineEvent {
  readonly event_id: string;
  readonly type: 'impression' | 'click' | 'conversion';
  readonly campaign_id: string;
  readonly partner_id?: string;
  readonly value?: string;
}

export const EVENTS_STREAM = 'baseline-events';

export function eventSubject(campaignId: string): string {
  return `baseline.events.${campaignId}`;
}
