/** What the routes of the source documents answer of an event, in their own words. */
import { decisionId, outcomeOf, reasonName } from '../../../model/decision.ts';
import { EventType } from '../../../model/event.ts';
import { FIELD } from '../../../model/event-batch.ts';
import { SOURCE_STATES } from '../../../model/source-words.ts';
import type { IncomingEvent } from '../../incoming-event.ts';

/**
 * `{"id":…,"estado":"ACEPTADO","codigo_motivo":100,"motivo":"accepted",…}`; `mensaje` says what is wrong,
 * `decision_id` names the decision where the event is in the log.
 */
export function registeredJson(event: IncomingEvent): string {
  const { reason, partition, sequence, row, message } = event;
  const clickId = event.type === EventType.click ? event.get(FIELD.clickId) : undefined;
  return JSON.stringify({
    id: event.eventId,
    estado: SOURCE_STATES[outcomeOf(reason)],
    codigo_motivo: reason,
    motivo: reasonName(reason),
    ...(row >= 0 && { decision_id: decisionId(partition, sequence, row) }),
    ...(clickId !== undefined && { click_id: clickId }),
    ...(message !== undefined && { mensaje: message }),
  });
}
