/** The route that the payment gateway tells by: its webhook. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { GatewayNotices } from '../../application/payouts/notices.ts';
import { problemResponse } from '../responses.ts';

/** Headers in which gateways sign, by gateway: Stripe's, and that of anyone else. */
const SIGNATURE_HEADERS = ['stripe-signature', 'x-gateway-signature'] as const;

export function noticeRoute(server: FastifyInstance, notices: GatewayNotices): void {
  // The signature is over the bytes as they came, so in this scope nothing is parsed.
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body);
    scope.post(
      '/v1/gateway/notices',
      {
        schema: {
          operationId: 'takeGatewayNotice',
          summary: 'Take what the payment gateway tells of a transfer',
          description:
            'The address of the gateway’s webhook. The body is what the gateway sends, signed in its own header ' +
            '(`Stripe-Signature`). What comes again changes nothing and is answered like the first.',
          tags: ['Payouts'],
          response: {
            200: Type.Object({
              result: Type.String({
                description: '`taken`, or `ignored`: it is about nothing that is known here.',
              }),
            }),
            400: problemResponse('It cannot be read.'),
            403: problemResponse('The signature is missing or wrong.'),
            503: problemResponse('Out of reach or too busy: send it again.'),
          },
        },
      },
      async ({ body, headers }) => {
        const signature = SIGNATURE_HEADERS.map((name) => headers[name]).find(
          (value) => typeof value === 'string',
        );
        const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
        return { result: await notices.take(bytes, signature as string | undefined) };
      },
    );
  });
}
