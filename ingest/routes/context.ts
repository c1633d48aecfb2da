/** What the routes work with. */
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { ActorGateway } from '../../model/actor-gateway.ts';
import type { CampaignDirectory } from '../../model/campaign-directory.ts';
import type { ClientAddresses } from '../client-address.ts';
import type { OriginPolicy } from '../cors.ts';
import type { Pipeline } from '../pipeline.ts';

export interface RouteContext {
  readonly pipeline: Pipeline;
  readonly directory: CampaignDirectory;
  readonly gateway: Pick<ActorGateway, 'decision'>;
  readonly origins: OriginPolicy;
  readonly clients: ClientAddresses;
  /** Where events of the event collector go that name no campaign; `undefined`: nowhere. */
  readonly eventCollectorCampaign: string | undefined;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether the process is ready for traffic. */
  readonly isReady: () => boolean;
}
