/** Adds a domain event as a row of the `domain_events` table, in the column order of its schema. */
import type { TableRows } from '../../model/columns/table-rows.ts';
import type { DomainEvent } from '../../model/domain-event.ts';

/** @param sequence the record that gave rise to it */
export function addDomainEvent(
  rows: TableRows,
  event: DomainEvent,
  partition: number,
  sequence: number,
): void {
  rows.add(
    event.actorKind === 'campaign' ? event.actorId : '',
    partnerOf(event),
    event.actorKind === 'payout' ? event.actorId : '',
    partition,
    sequence,
    event.id,
    event.type,
    event.time,
    JSON.stringify(event.data),
  );
}

/** The partner that it happened to, to its account, or to a payout of it, which says whose it is. */
function partnerOf({ actorKind, actorId, data }: DomainEvent): string {
  switch (actorKind) {
    case 'campaign':
      return '';
    case 'partner':
    case 'account':
      return actorId;
    case 'payout':
      return typeof data.partner_id === 'string' ? data.partner_id : '';
  }
}
