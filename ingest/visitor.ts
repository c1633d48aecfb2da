/** Who clicked: the text by which a campaign's uniqueness rule tells visitors apart. */
import type { UniquenessKey } from '../model/campaign.ts';
import { FIELD } from '../model/event-batch.ts';
import type { IncomingEvent } from './incoming-event.ts';

/**
 * The visitor of a click. Where the rule asks for no uniqueness, and where it asks for a cookie that is
 * not there, address and agent make the visitor; who has no address is nobody's repeat.
 *
 * @param address the whole address, not the anonymised one that is stored, if it is known
 */
export function visitorOf(
  rule: UniquenessKey,
  event: IncomingEvent,
  address: string | undefined,
  agent: string,
): string {
  const stranger = address === undefined ? event.eventId : undefined;
  switch (rule) {
    case 'address':
      return stranger ?? address ?? '';
    case 'cookie':
      return event.get(FIELD.anonymousId) ?? event.get(FIELD.userId) ?? stranger ?? together(address, agent);
    case 'none':
    case 'address_agent':
      return stranger ?? together(address, agent);
  }
}

// All clicks of a request mostly have one address and one agent: the last answer is kept.
let lastAddress: string | undefined;
let lastAgent = '';
let lastTogether = 'undefined\n';

function together(address: string | undefined, agent: string): string {
  if (address !== lastAddress || agent !== lastAgent) {
    lastAddress = address;
    lastAgent = agent;
    lastTogether = `${address}\n${agent}`;
  }
  return lastTogether;
}

/** The visitor within one window of the rule: what the filter is asked for. */
export function visitorInWindow(visitor: string, windowMs: number, now: number): string {
  return `${visitor}\n${Math.floor(now / Math.max(1, windowMs))}`;
}
