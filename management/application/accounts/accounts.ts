/** What management does with the accounts of partners: balances and terms from their actors, entries from the warehouse. */
import type { AccountLots, AccountView, PayoutTermsView } from '../../../model/account.ts';
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import { checker } from '../check.ts';
import { type CommandContext, commandOf, viewOf } from '../command.ts';
import { newId as mintId } from '../identity.ts';
import { isObject, merged } from '../merge-patch.ts';
import { noPartner } from '../outcome.ts';
import { refuse } from '../violations.ts';
import { type LedgerPage, type LedgerQuery, ledgerPage } from './ledger.ts';
import { PayoutTermsDraft, payoutTerms, payoutTermsDraftOf } from './payout-terms.ts';

/**
 * All methods throw `TurnpikeError` where something expected goes wrong: `not_found` if the partner is neither
 * registered nor has ever earned something or been paid.
 */
export interface Accounts {
  /** The account of a partner as it is now. */
  get(partnerId: string): Promise<AccountView>;
  /** What of a partner's commissions is not paid, the earliest release first. */
  lots(partnerId: string): Promise<AccountLots>;
  /**
   * Changes how a partner is paid.
   *
   * @param patch a merge patch (RFC 7396) in the spelling of drafts
   */
  updateTerms(partnerId: string, patch: unknown, context: CommandContext): Promise<PayoutTermsView>;
  /** A page of what was posted to the partner's books, the newest first. */
  ledger(partnerId: string, query: LedgerQuery): Promise<LedgerPage>;
}

export interface AccountsDependencies {
  readonly gateway: ActorGateway;
  readonly warehouse: Pick<Warehouse, 'query'>;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

const UPDATE_ATTEMPTS = 4;
const check = checker(PayoutTermsDraft, 'body');

export function createAccounts({ gateway, warehouse, newId = mintId }: AccountsDependencies): Accounts {
  const get = async (partnerId: string): Promise<AccountView> => {
    const view = await gateway.query(partnerId, { kind: 'account' });
    if (view !== undefined) return view;
    if ((await gateway.query(partnerId, { kind: 'partner' })) === undefined) throw noPartner(partnerId);
    return emptyAccount(partnerId);
  };

  return {
    get,

    async lots(partnerId) {
      await get(partnerId);
      return (await gateway.query(partnerId, { kind: 'lots' })) ?? { lots: [] };
    },

    async updateTerms(partnerId, patch, context) {
      if (!isObject(patch)) refuse([{ field: 'body', description: 'must be a JSON object: a merge patch' }]);
      for (let attempt = 1; ; attempt++) {
        const { terms, etag } = await get(partnerId);
        const payload = payoutTerms(check(merged(payoutTermsDraftOf(terms), patch)));
        const order = { actorKind: 'account', actorId: partnerId, name: 'set_terms', payload } as const;
        const checked = { ...context, etag: context.etag ?? etag };
        const answer = await gateway.execute(commandOf(newId(), order, checked));
        const hasChanged = !answer.ok && answer.failure.code === 'aborted' && context.etag === undefined;
        if (!hasChanged || attempt === UPDATE_ATTEMPTS) return viewOf<PayoutTermsView>(answer);
      }
    },

    async ledger(partnerId, query) {
      await get(partnerId);
      return ledgerPage(warehouse, () => gateway.settled(partnerId), partnerId, query);
    },
  };
}

/** The account of a partner that has earned nothing yet. */
export function emptyAccount(partnerId: string): AccountView {
  return {
    partnerId,
    balances: [],
    terms: { schedule: 'NONE', minimums: [] },
    isSuspended: false,
    etag: '1',
  };
}
