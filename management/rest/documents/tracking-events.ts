/** Events in the words of the source documents: their schemas, and the way there from the application. */
import { type Static, Type } from 'typebox';
import { formatMicros } from '../../../model/money.ts';
import { SOURCE_EVENT_TYPES, SOURCE_STATES } from '../../../model/source-words.ts';
import { formatInstant } from '../../application/instant.ts';
import type { TrackedEvent } from '../../application/tracking/tracked-event.ts';
import { instant, words } from '../schemas.ts';

const text = (description: string) => Type.Optional(Type.String({ description }));

const SHARED = {
  id: Type.String({ description: 'Identifier of the event.' }),
  campaña_id: Type.String({ description: 'The campaign.' }),
  influencer_id: text('The partner who brought the traffic.'),
  usuario_id: text('The user, as the sender knows them.'),
  tipo_evento: words(Object.values(SOURCE_EVENT_TYPES), 'What happened.'),
  user_agent: text('The agent that sent it.'),
  ip_address: text('Its network address, anonymised: IPv4 cut to /24, IPv6 to /48.'),
  referrer: text('The page before it.'),
  timestamp: instant('When it happened.'),
  estado: words(Object.values(SOURCE_STATES), 'What was said of it.'),
  codigo_motivo: Type.Integer({
    description: 'Why: 1xx accepted, 2xx duplicate, 3xx rejected, 4xx pending.',
  }),
  motivo: Type.String({ description: 'Why, in words.', examples: ['campaign_not_active'] }),
  decision_id: Type.String({ description: 'Names the decision.' }),
  fecha_registro: instant('When it was recorded.'),
};

export const ImpressionDocument = Type.Object(SHARED, {
  $id: 'Impresion',
  description: 'An impression, in the words of the tracking document.',
});
export type ImpressionDocument = Static<typeof ImpressionDocument>;

export const ConversionDocument = Type.Object(
  {
    ...SHARED,
    tipo_conversion: text('Kind of conversion.'),
    valor: Type.Number({ description: 'What it was worth; exact in /v1/campaigns/{id}/events.' }),
    moneda: Type.String({ description: 'ISO 4217 code.', examples: ['COP'] }),
  },
  { $id: 'Conversion', description: 'A conversion, in the words of the tracking document.' },
);
export type ConversionDocument = Static<typeof ConversionDocument>;

export function impressionDocument(event: TrackedEvent): ImpressionDocument {
  const { decision, evidence } = event;
  return {
    id: event.eventId,
    campaña_id: event.campaignId,
    ...(event.partnerId !== undefined && { influencer_id: event.partnerId }),
    ...(event.userId !== undefined && { usuario_id: event.userId }),
    tipo_evento: SOURCE_EVENT_TYPES[event.type],
    ...(evidence.userAgent !== undefined && { user_agent: evidence.userAgent }),
    ...(evidence.address !== undefined && { ip_address: evidence.address }),
    ...(evidence.referrer !== undefined && { referrer: evidence.referrer }),
    timestamp: formatInstant(event.occurredAt),
    estado: SOURCE_STATES[decision.outcome],
    codigo_motivo: decision.reasonCode,
    motivo: decision.reason,
    decision_id: decision.id,
    fecha_registro: formatInstant(event.recordedAt),
  };
}

export function conversionDocument(event: TrackedEvent): ConversionDocument {
  const { micros, currency } = event.value ?? event.spend;
  return {
    ...impressionDocument(event),
    ...(event.goal !== undefined && { tipo_conversion: event.goal }),
    // The document has a number: up to 15 digits it is the amount, and rounded beyond.
    valor: Number(formatMicros(micros, currency)),
    moneda: currency,
  };
}
