/** Takes what the payment gateway tells by itself: a command to the payout that it is about. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import type { Gateway } from '../../../storage/gateway/port.ts';
import { commandOf } from '../command.ts';
import { newId as mintId } from '../identity.ts';

/** `ignored`: it is about nothing that is known here; to send it again is of no use. */
export type NoticeResult = 'taken' | 'ignored';

export interface GatewayNotices {
  /**
   * Takes a notice. One that comes again changes nothing.
   *
   * @param body the bytes as they came
   * @param signature the gateway's signature
   * @throws TurnpikeError `permission_denied` for a wrong signature, `invalid_argument` for what cannot be read;
   *   `unavailable`, `deadline_exceeded`, `resource_exhausted`: send it again
   */
  take(body: Buffer, signature: string | undefined): Promise<NoticeResult>;
}

export interface NoticesDependencies {
  readonly gateway: Pick<ActorGateway, 'execute'>;
  readonly payments: Pick<Gateway, 'notice'>;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

export function createGatewayNotices(dependencies: NoticesDependencies): GatewayNotices {
  const { gateway, payments, newId = mintId } = dependencies;
  return {
    async take(body, signature) {
      const notice = payments.notice(body, signature);
      if (notice === undefined) return 'ignored';
      const order = {
        actorKind: 'payout',
        actorId: notice.payoutId,
        name: 'notice',
        payload: notice,
      } as const;
      const answer = await gateway.execute(commandOf(newId(), order, { principal: { subject: 'gateway' } }));
      if (answer.ok) return 'taken';
      const failure = new TurnpikeError(answer.failure);
      if (failure.retryable || answer.failure.code === 'aborted') throw failure;
      // A payout that was never asked for here: a gateway may serve several systems.
      return 'ignored';
    },
  };
}
