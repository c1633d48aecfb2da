/** The routes of the document on payments to affiliates: `/pagos/`. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { checker } from '../../application/check.ts';
import { PayoutDraft } from '../../application/payouts/payout-draft.ts';
import type { Payouts } from '../../application/payouts/payouts.ts';
import { contextOf } from '../http/conditions.ts';
import { PROBLEMS, problemResponse } from '../responses.ts';
import { CommandHeaders, shared } from '../schemas.ts';
import {
  inPaymentWords,
  OutboxDocument,
  OutgoingDocument,
  outboxDocument,
  PaymentBody,
  PaymentDocument,
  paymentDocument,
  payoutDraftOf,
  renamedPayment,
} from './payments.ts';

const PAYMENTS = '/pagos';
const TAGS = ['Documents'];
const checkDraft = checker(PayoutDraft, 'body');

/** The document ends the path with a slash; who leaves it out means the same. */
const COLLECTIONS = [
  [`${PAYMENTS}/`, false],
  [PAYMENTS, true],
] as const;

const PaymentPath = Type.Object({ id: Type.String({ description: 'The payment.' }) });

export function paymentRoutes(server: FastifyInstance, payouts: Payouts): void {
  for (const schema of [PaymentDocument, OutgoingDocument, OutboxDocument]) server.addSchema(schema);
  server.register(async (scope) => {
    scope.addHook('preValidation', async (request) => {
      request.body = renamedPayment(request.body);
    });
    scope.setErrorHandler((error) => {
      throw inPaymentWords(error);
    });
    creation(scope, payouts);
    reading(scope, payouts);
  });
}

function creation(server: FastifyInstance, payouts: Payouts): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const [path, hide] of COLLECTIONS)
    app.post(
      path,
      {
        schema: {
          hide,
          operationId: 'procesarPago',
          summary: 'Pay an affiliate',
          description:
            'The answer is the payment as it is then; it goes on by itself. The same `referencia_pago` of the same ' +
            'affiliate, or the same `Idempotency-Key`, is the same payment, however often it is sent.',
          tags: TAGS,
          headers: CommandHeaders,
          body: PaymentBody,
          response: {
            201: shared(PaymentDocument),
            409: problemResponse(
              'The reference stands for another payment, or it may not exceed what was earned and does.',
            ),
            ...PROBLEMS,
          },
        },
      },
      async ({ body, headers }, reply) => {
        const view = await payouts.create(checkDraft(payoutDraftOf(body)), contextOf(headers));
        reply.code(201).header('location', `${PAYMENTS}/${view.payoutId}`);
        return paymentDocument(view);
      },
    );
}

function reading(server: FastifyInstance, payouts: Payouts): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  app.get(
    `${PAYMENTS}/:id`,
    {
      schema: {
        operationId: 'obtenerPago',
        summary: 'Get a payment as it is now',
        tags: TAGS,
        params: PaymentPath,
        response: {
          200: shared(PaymentDocument),
          404: problemResponse('There is no such payment.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params }) => paymentDocument(await payouts.get(params.id)),
  );

  app.get(
    `${PAYMENTS}/outbox/estadisticas`,
    {
      schema: {
        operationId: 'estadisticasOutbox',
        summary: 'Tell what actors have left to be done, and how it goes',
        tags: TAGS,
        response: { 200: shared(OutboxDocument), ...PROBLEMS },
      },
    },
    async () => {
      const { statistics, at } = await payouts.outbox();
      return outboxDocument(statistics, at);
    },
  );
}
