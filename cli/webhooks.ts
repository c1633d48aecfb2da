/** Builds what webhooks need: their management, and the deliveries. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import { createWebhooks, type Webhooks } from '../management/application/webhooks/webhooks.ts';
import { WebhookDeliverer } from '../management/delivery/deliverer.ts';
import { registerWebhookMetrics } from '../management/delivery/metrics.ts';
import { createSender } from '../management/delivery/sender.ts';
import { WebhookStore } from '../management/delivery/store.ts';
import { SYSTEM_CLOCK } from '../model/clock.ts';
import type { Warehouse } from '../storage/warehouse/port.ts';
import type { Engines } from './engines/engines.ts';
import { programVersion } from './version.ts';

export interface WebhookParts {
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
}

/** The deliveries to webhooks, as far as this process is the one that delivers. */
export interface Deliveries {
  start(): void;
  /** Ends them: what does not arrive within a few seconds is given up, and delivered again by whoever comes next. */
  stop(): Promise<void>;
}

/** How long deliveries under way are given at shutdown. */
const STOP_MS = 3_000;

export function webhooksOf(
  config: Config,
  engines: Engines,
  warehouse: Warehouse,
  registry: Registry,
  logger: Logger,
): WebhookParts {
  const { snapshots, bus, log, isShared } = engines;
  const { now } = SYSTEM_CLOCK;
  const allowPrivate = config.webhookPrivateAddresses;
  const store = new WebhookStore(snapshots);
  const sender = createSender({ allowPrivate, version: programVersion(), now });
  const deliverer: WebhookDeliverer = new WebhookDeliverer({
    // Where there is but one process, it goes on under the same name: nobody else could be delivering.
    owner: isShared ? randomUUID() : 'embedded',
    store,
    snapshots,
    warehouse,
    bus,
    sender,
    clock: SYSTEM_CLOCK,
    random: Math.random,
    metrics: registerWebhookMetrics(registry, now, () => deliverer.oldest),
    logger,
  });
  return {
    webhooks: createWebhooks({ store, sender, log, allowPrivate, now }),
    deliveries: {
      start: () => deliverer.start(),
      async stop() {
        await deliverer.stop(STOP_MS);
        await sender.close();
      },
    },
  };
}
