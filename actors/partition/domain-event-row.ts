/** Writes a domain event as a row of the `domain_events` table, in the column order of its schema. */
import type { DomainEvent } from '../../model/domain-event.ts';
import type { RowBinaryWriter } from '../../model/row-binary.ts';

/** @param sequence the record that gave rise to it */
export function writeDomainEvent(
  writer: RowBinaryWriter,
  event: DomainEvent,
  partition: number,
  sequence: number,
): void {
  writer.string(event.actorKind === 'campaign' ? event.actorId : '');
  writer.string(partnerOf(event));
  writer.string(event.actorKind === 'payout' ? event.actorId : '');
  writer.uint16(partition);
  writer.uint64(sequence);
  writer.string(event.id);
  writer.string(event.type);
  writer.dateTime64(event.time);
  writer.string(JSON.stringify(event.data));
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
