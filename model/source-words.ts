/** Words of the source documents that collector and management both answer with (docs/source-words.md). */
import type { Outcome } from './decision.ts';
import type { EventTypeName } from './event.ts';

/** What is said of an event. */
export const SOURCE_STATES: Readonly<Record<Outcome, string>> = {
  accepted: 'ACEPTADO',
  duplicate: 'DUPLICADO',
  rejected: 'RECHAZADO',
  pending: 'PENDIENTE',
};

/** What happened. */
export const SOURCE_EVENT_TYPES: Readonly<Record<EventTypeName, string>> = {
  impression: 'IMPRESION',
  click: 'CLICK',
  conversion: 'CONVERSION',
};
