import { pino } from 'pino';
import { openStripeGateway } from '../../storage/gateway/stripe.ts';
import { microsOfStripe } from '../../storage/gateway/stripe-amounts.ts';
import { StripeDouble } from '../support/stripe-double.ts';
import { describeGatewayContract } from './gateway.contract.ts';

describeGatewayContract('Stripe', async () => {
  const double = await StripeDouble.start();
  const { url, secretKey, webhookSecret } = double;
  const open = () =>
    openStripeGateway({
      clusterId: 'cluster',
      secretKey,
      url,
      webhookSecret,
      logger: pino({ level: 'silent' }),
    });
  const reader = open();
  return {
    open,
    next(fault) {
      // The library asks once more by itself where the connection was closed.
      if (fault === 'no answer before') double.faults.push({ kind: 'cut before' }, { kind: 'cut before' });
      else if (fault === 'no answer after') double.faults.push({ kind: 'cut after' }, { kind: 'cut before' });
      else double.balances.set('usd', 0);
    },
    async reverse(payoutId, micros) {
      for (const { id, currency, amount, metadata } of double.transfers)
        if (metadata.payout_id === payoutId)
          double.reverse(id, micros === undefined ? amount : micros / microsOfStripe(1, currency));
    },
    notices: async () =>
      double.events.flatMap((event) => {
        const { body, signature } = double.delivery(event);
        return reader.notice(body, signature) ?? [];
      }),
    async dispose() {
      await reader.close();
      await double[Symbol.asyncDispose]();
    },
  };
});
