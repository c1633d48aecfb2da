/** What management does with what partners earn, whichever protocol asks. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { RefundReceipt } from '../../../model/commissions.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import { type CommandContext, commandOf, viewOf } from '../command.ts';
import { newId as mintId } from '../identity.ts';
import type { Commission } from './commission.ts';
import { type CommissionListQuery, type CommissionPage, commissionPage } from './commission-list.ts';
import { type RefundDraft, refundOf } from './refund-draft.ts';
import { commissionNamed, type Saga, sagaOf } from './saga.ts';

/** All methods throw `TurnpikeError` where something expected goes wrong. Drafts may be unchecked. */
export interface Commissions {
  /**
   * Takes a conversion back, once for ever.
   *
   * @throws TurnpikeError `invalid_argument`; `not_found` where there is no such campaign, or it has counted no such
   *   conversion; `already_exists` if it was refunded before; `failed_precondition` if the campaign has never run
   */
  refund(campaignId: string, draft: RefundDraft, context: CommandContext): Promise<RefundReceipt>;
  /**
   * A page of what was earned by conversions, the newest first. What clicks and impressions earn is kept in lots:
   * the accounts of partners have it.
   */
  list(query: CommissionListQuery): Promise<CommissionPage>;
  /** A commission that was earned before the call. */
  get(commissionId: string): Promise<Commission>;
  /** The steps of a commission, or of a payout, up to now. */
  saga(sagaId: string): Promise<Saga>;
}

export interface CommissionsDependencies {
  readonly gateway: ActorGateway;
  readonly warehouse: Pick<Warehouse, 'query'>;
  readonly now: () => number;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

export function createCommissions(dependencies: CommissionsDependencies): Commissions {
  const { gateway, newId = mintId } = dependencies;
  return {
    list: (query) => commissionPage(dependencies, query),
    get: (commissionId) => commissionNamed(dependencies, commissionId),
    saga: (sagaId) => sagaOf(dependencies, sagaId),

    async refund(campaignId, draft, context) {
      const payload = refundOf(draft);
      const order = { actorKind: 'campaign', actorId: campaignId, name: 'refund', payload } as const;
      return viewOf<RefundReceipt>(await gateway.execute(commandOf(newId(), order, context)));
    },
  };
}
