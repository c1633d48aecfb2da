/** Opens the payment gateway that the settings choose. */

import { type Logger, pino } from 'pino';
import { v7 } from 'uuid';
import type { Config } from '../../config.ts';
import type { ActorGateway } from '../../model/actor-gateway.ts';
import { SYSTEM_CLOCK } from '../../model/clock.ts';
import type { GatewayNotice } from '../../model/transfer.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import { openSimulatedGateway } from '../../storage/gateway/simulated.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';

export interface PaymentsOptions {
  readonly clusterId: string;
  readonly snapshots: Pick<Snapshots, 'get' | 'commit' | 'list'>;
  /** Takes what a gateway tells by itself in this process. */
  readonly actors: Pick<ActorGateway, 'execute'>;
  /** Whether a gateway that lives in the processes tells what those before have left untold. */
  readonly resumes: boolean;
  readonly logger: Logger;
}

export async function openPayments(config: Config, options: PaymentsOptions): Promise<Gateway> {
  switch (config.gateway) {
    case 'stripe':
      return openStripe(config, options);
    case 'simulated':
      return openSimulated(config, options);
  }
}

/** Says in the log where payouts go: whether money is sent must not be a surprise. */
export function logGateway({ gateway, stripeUrl: url, stripeWebhookSecret }: Config, logger: Logger): void {
  switch (gateway) {
    case 'stripe':
      logger.info({ url, takesWebhooks: stripeWebhookSecret !== undefined }, 'payouts go to Stripe');
      break;
    case 'simulated':
      logger.warn('payouts go to the simulated gateway: no money is sent');
      break;
  }
}

function openSimulated(config: Config, { snapshots, actors, resumes, logger }: PaymentsOptions): Gateway {
  const gateway = openSimulatedGateway({
    ...config.simulatedGateway,
    snapshots,
    clock: SYSTEM_CLOCK,
    notify: (notice) => tell(actors, notice),
    logger,
  });
  // Who cannot be told yet is told again.
  if (resumes)
    gateway.resume().catch((error: unknown) => {
      logger.error(
        { err: error },
        'what the simulated gateway has left untold stays so until the next start',
      );
    });
  return gateway;
}

async function openStripe(config: Config, { clusterId, logger }: PaymentsOptions): Promise<Gateway> {
  const { stripeSecretKey: secretKey, stripeUrl: url, stripeWebhookSecret: webhookSecret } = config;
  if (secretKey === undefined) throw new Error('Stripe needs a key');
  // Its library is large, and most have no use for it.
  const { openStripeGateway } = await import('../../storage/gateway/stripe.ts');
  return openStripeGateway({ clusterId, secretKey, url, webhookSecret, logger });
}

/** The gateway for a look at what it has sent: nothing is asked of it otherwise, and it tells nobody anything. */
export async function openGatewayToCheck(
  config: Config,
  { clusterId, snapshots }: Pick<PaymentsOptions, 'clusterId' | 'snapshots'>,
): Promise<Gateway> {
  const logger = pino({ level: 'silent' });
  const actors = {
    execute: async () => {
      throw new Error('nobody is to be told');
    },
  };
  return openPayments(config, { clusterId, snapshots, actors, resumes: false, logger });
}

/** Tells a payout what its gateway has said. */
async function tell(actors: Pick<ActorGateway, 'execute'>, notice: GatewayNotice): Promise<void> {
  await actors.execute({
    commandId: v7(),
    actorKind: 'payout',
    actorId: notice.payoutId,
    name: 'notice',
    payload: notice,
    principal: { subject: 'gateway' },
  });
}
