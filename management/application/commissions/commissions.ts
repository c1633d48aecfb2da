/** What management does with what partners earn, whichever protocol asks. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { RefundReceipt } from '../../../model/commissions.ts';
import { type CommandContext, commandOf, viewOf } from '../command.ts';
import { newId as mintId } from '../identity.ts';
import { type RefundDraft, refundOf } from './refund-draft.ts';

/** All methods throw `TurnpikeError` where something expected goes wrong. Drafts may be unchecked. */
export interface Commissions {
  /**
   * Takes a conversion back, once for ever.
   *
   * @throws TurnpikeError `invalid_argument`; `not_found` where there is no such campaign, or it has counted no such
   *   conversion; `already_exists` if it was refunded before; `failed_precondition` if the campaign has never run
   */
  refund(campaignId: string, draft: RefundDraft, context: CommandContext): Promise<RefundReceipt>;
}

export interface CommissionsDependencies {
  readonly gateway: Pick<ActorGateway, 'execute'>;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

export function createCommissions({ gateway, newId = mintId }: CommissionsDependencies): Commissions {
  return {
    async refund(campaignId, draft, context) {
      const payload = refundOf(draft);
      const order = { actorKind: 'campaign', actorId: campaignId, name: 'refund', payload } as const;
      return viewOf<RefundReceipt>(await gateway.execute(commandOf(newId(), order, context)));
    },
  };
}
