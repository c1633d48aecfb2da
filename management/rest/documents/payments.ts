/** Payouts in the words of the source documents: what requests are, answers, and failures. */
import { type Static, Type } from 'typebox';
import { type FieldViolation, TurnpikeError } from '../../../model/errors.ts';
import { formatMicros } from '../../../model/money.ts';
import type { OutboxStatistics, OutgoingKind } from '../../../model/outbox.ts';
import type { PayoutStatus, PayoutView } from '../../../model/payout.ts';
import { isObject } from '../../application/merge-patch.ts';
import { invalid } from '../../application/violations.ts';
import { count, instant, shared, words } from '../schema-parts.ts';
import type { Words } from './campaign-words.ts';
import { type Names, named } from './field-names.ts';

export const PAYMENT_STATES: Words<PayoutStatus> = {
  PENDING: 'PENDIENTE',
  PROCESSING: 'PROCESANDO',
  SUCCEEDED: 'EXITOSO',
  FAILED: 'FALLIDO',
};

/** Fields of a payment: others that stand for them. */
export const PAYMENT_FIELDS: Names = {
  id_afiliado: ['afiliado', 'afiliado_id', 'partner_id'],
  monto: ['amount', 'cantidad', 'valor'],
  moneda: ['currency'],
  referencia_pago: ['referencia', 'referencia_de_pago', 'reference'],
  anticipo: ['advance'],
  destino: ['cuenta_destino', 'destination'],
};

/** What they are under `/v1`. */
const OURS: ReadonlyMap<string, string> = new Map([
  ['partner_id', 'id_afiliado'],
  ['amount', 'monto'],
  ['amount.amount', 'monto'],
  ['amount.currency', 'moneda'],
  ['currency', 'moneda'],
  ['reference', 'referencia_pago'],
  ['advance', 'anticipo'],
  ['destination', 'destino'],
]);

export const PaymentBody = Type.Object(
  {
    id_afiliado: Type.String({
      description: 'Who is paid. Nobody need have registered them.',
      examples: ['afiliado-001'],
    }),
    monto: Type.Unsafe<string | number>({
      type: ['string', 'number'],
      description: 'Amount in units of the currency, with as many decimals as it has, at most two.',
      examples: [100.5],
    }),
    moneda: Type.String({ description: 'ISO 4217 code.', examples: ['COP'] }),
    referencia_pago: Type.Optional(
      Type.String({
        description: 'What the payment is known by: one for each affiliate and reference, for ever.',
        examples: ['test-ref-001'],
      }),
    ),
    anticipo: Type.Optional(
      Type.Boolean({
        description:
          'Whether it may exceed what the affiliate has earned, which makes up for it later. It may, unless false is said.',
      }),
    ),
    destino: Type.Optional(Type.String({ description: 'Where the gateway sends the money.' })),
  },
  { description: 'A payment to an affiliate. Unknown fields are ignored.' },
);
type PaymentBody = Static<typeof PaymentBody>;

export const PaymentDocument = Type.Object(
  {
    id_pago: Type.String({ description: 'Identifier.' }),
    id_afiliado: Type.String({ description: 'Who is paid.' }),
    monto: Type.Number({ description: 'In units of the currency; exact under /v1.' }),
    moneda: Type.String({ description: 'ISO 4217 code.' }),
    referencia_pago: Type.String({ description: 'What it is known by to whoever asked for it.' }),
    estado: words(Object.values(PAYMENT_STATES), 'How far it has come.'),
    anticipo: Type.Boolean({ description: 'Whether it may exceed what the affiliate has earned.' }),
    mensaje_error: Type.Optional(Type.String({ description: 'Why it failed.' })),
    intentos: count('How often the gateway was asked.'),
    id_transferencia: Type.Optional(Type.String({ description: "The gateway's own id of the transfer." })),
    fecha_creacion: instant('When it was asked for.'),
    fecha_actualizacion: instant('When it last changed.'),
  },
  { $id: 'Pago', description: 'A payment to an affiliate, in the words of the documents.' },
);

const OUTGOING = {
  pendientes: count('Saved, and not delivered yet.'),
  publicados: count('Delivered since the partitions were taken over.'),
  fallidos: count('Attempts that failed, and are repeated, since then.'),
  fecha_mas_antiguo: Type.Optional(instant('Of the oldest that is not delivered.')),
  antiguedad_segundos: Type.Number({
    minimum: 0,
    description: 'How old the oldest is that is not delivered; 0: all are.',
  }),
};

/** Of one kind of what is in the outbox. */
export const OutgoingDocument = Type.Object(OUTGOING, {
  $id: 'EstadisticasDeSalida',
  description: 'How it goes with what actors have left to be done.',
});

export const OutboxDocument = Type.Object(
  {
    ...OUTGOING,
    eventos: shared(OutgoingDocument),
    mensajes: shared(OutgoingDocument),
    transferencias: shared(OutgoingDocument),
  },
  {
    $id: 'EstadisticasOutbox',
    description:
      'What actors have left to be done: all of it, and by kind – domain events that are published, messages between ' +
      'actors, transfers that the payment gateway is asked for.',
  },
);

/** The names that the documentation gives the fields. */
export function renamedPayment(body: unknown): unknown {
  return isObject(body) ? named(body, PAYMENT_FIELDS) : body;
}

/** The draft of a payout that a body stands for. */
export function payoutDraftOf(body: PaymentBody) {
  const { id_afiliado, monto, moneda, referencia_pago: reference, destino: destination } = body;
  return {
    partner_id: id_afiliado,
    amount: { amount: monto, currency: moneda },
    advance: body.anticipo ?? true,
    ...(reference !== undefined && { reference }),
    ...(destination !== undefined && { destination }),
  };
}

export function paymentDocument(view: PayoutView): Static<typeof PaymentDocument> {
  const { micros, currency } = view.amount;
  return {
    id_pago: view.payoutId,
    id_afiliado: view.partnerId,
    monto: Number(formatMicros(micros, currency)),
    moneda: currency,
    referencia_pago: view.reference,
    estado: PAYMENT_STATES[view.status],
    anticipo: view.isAdvance,
    ...(view.failure && { mensaje_error: view.failure.message }),
    intentos: view.attempts,
    ...(view.transferId !== undefined && { id_transferencia: view.transferId }),
    fecha_creacion: new Date(view.createdAt).toISOString(),
    fecha_actualizacion: new Date(view.updatedAt).toISOString(),
  };
}

/** @param now milliseconds since the epoch */
export function outboxDocument(outbox: OutboxStatistics, now: number): Static<typeof OutboxDocument> {
  const of = (...kinds: OutgoingKind[]): Static<typeof OutgoingDocument> => {
    const some = kinds.map((kind) => outbox[kind]);
    const sum = (field: 'pending' | 'delivered' | 'failures'): number =>
      some.reduce((total, statistics) => total + statistics[field], 0);
    const oldestAt = Math.min(...some.map((statistics) => statistics.oldestAt ?? Number.POSITIVE_INFINITY));
    const isWaiting = oldestAt < Number.POSITIVE_INFINITY;
    return {
      pendientes: sum('pending'),
      publicados: sum('delivered'),
      fallidos: sum('failures'),
      ...(isWaiting && { fecha_mas_antiguo: new Date(oldestAt).toISOString() }),
      antiguedad_segundos: isWaiting ? Math.max(0, now - oldestAt) / 1_000 : 0,
    };
  };
  return {
    ...of('events', 'messages', 'transfers'),
    eventos: of('events'),
    mensajes: of('messages'),
    transferencias: of('transfers'),
  };
}

/** A failure with the documents' names of fields and states; anything else as it is. */
export function inPaymentWords(error: unknown): unknown {
  if (!(error instanceof TurnpikeError)) return error;
  const { failure } = error;
  const violations = failure.violations?.map(
    ({ field, description }): FieldViolation => ({ field: OURS.get(field) ?? field, description }),
  );
  if (failure.code === 'invalid_argument' && violations) return invalid(violations);
  return new TurnpikeError({ ...failure, ...(violations && { violations }) }, { cause: error });
}
