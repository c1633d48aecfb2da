/** What management does with payouts: commands go through the log to their actors, lists to the warehouse. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { CommandAnswer } from '../../../model/command.ts';
import type { OutboxStatistics } from '../../../model/outbox.ts';
import type { PayoutRequest, PayoutView } from '../../../model/payout.ts';
import { payoutIdOf } from '../../../model/payout-id.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import { type CommandContext, commandOf, viewOf } from '../command.ts';
import { newId as mintId } from '../identity.ts';
import { noPayout } from '../outcome.ts';
import { withinBytes } from '../page-bytes.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';
import { checkPayable } from './payable.ts';
import { type PayoutDraft, payoutRequest } from './payout-draft.ts';
import { type PayoutFilter, type PayoutPlace, type PayoutRow, payoutsQuery } from './payout-query.ts';

export interface PayoutListQuery {
  readonly filter: PayoutFilter;
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface PayoutPage {
  readonly payouts: readonly PayoutView[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** All methods throw `TurnpikeError` where something expected goes wrong. */
export interface Payouts {
  /**
   * Asks for a payout. There is one for each partner and reference: to ask again gives the same, as it is by then.
   * Without a reference, the `requestId` is it.
   *
   * @throws TurnpikeError `invalid_argument`; `already_exists` if the reference stands for another payout;
   *   `failed_precondition` if it is more than is payable or less than is paid at least
   */
  create(draft: PayoutDraft, context: CommandContext): Promise<PayoutView>;
  get(payoutId: string): Promise<PayoutView>;
  /** A page of payouts, the newest first, each as it is now. */
  list(query: PayoutListQuery): Promise<PayoutPage>;
  /** What actors have left to be done outside their partitions, transfers to the payment gateway among it. */
  outbox(): Promise<{
    readonly statistics: OutboxStatistics;
    /** As of when, milliseconds since the epoch. */
    readonly at: number;
  }>;
}

export interface PayoutsDependencies {
  readonly gateway: ActorGateway;
  readonly warehouse: Pick<Warehouse, 'query'>;
  readonly now: () => number;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

/** Payouts asked for at the same time. */
const QUERIES_AT_ONCE = 50;

export function createPayouts({ gateway, warehouse, now, newId = mintId }: PayoutsDependencies): Payouts {
  const find = (payoutId: string) => gateway.query(payoutId, { kind: 'payout' });

  /** Tells at once what would only be seen of the payout later on. A payout that is there needs no leave. */
  const check = async (payoutId: string, request: PayoutRequest): Promise<void> => {
    if ((await find(payoutId)) !== undefined) return;
    try {
      checkPayable(await gateway.query(request.partnerId, { kind: 'account' }), request);
    } catch (error) {
      // Another one who asks for the same may have been faster: then it is set aside for this very payout.
      if ((await find(payoutId)) === undefined) throw error;
    }
  };

  return {
    async create(draft, context) {
      const payload = payoutRequest(draft, context.requestId ?? newId());
      const payoutId = payoutIdOf(payload.partnerId, payload.reference);
      await check(payoutId, payload);
      const order = { actorKind: 'payout', actorId: payoutId, name: 'request', payload } as const;
      return viewOf<PayoutView>(inDraftWords(await gateway.execute(commandOf(newId(), order, context))));
    },

    async get(payoutId) {
      return (await find(payoutId)) ?? noPayout(payoutId);
    },

    async outbox() {
      return { statistics: await gateway.outbox(), at: now() };
    },

    async list({ filter, pageSize, pageToken }) {
      const list = ['payouts', filter.partnerId ?? null, filter.status ?? null];
      const after = pageToken === undefined ? undefined : placeOf(pageToken, list);
      // What lies behind a place is there already.
      if (after === undefined) await gateway.settled();
      const { text, parameters } = payoutsQuery(filter, after, pageSize + 1);
      const rows = await warehouse.query<PayoutRow>(text, parameters);
      const page = rows.slice(0, pageSize);
      const payouts: PayoutView[] = [];
      for (let from = 0; from < page.length; from += QUERIES_AT_ONCE) {
        const views = await Promise.all(
          page.slice(from, from + QUERIES_AT_ONCE).map(({ payout_id }) => find(payout_id)),
        );
        payouts.push(...views.filter((view) => view !== undefined));
      }
      const shown = withinBytes(payouts, JSON.stringify);
      const last = shown.length < payouts.length ? placeOfView(shown.at(-1), page) : page.at(-1);
      return {
        payouts: shown.filter(({ status }) => (filter.status ?? status) === status),
        ...(last &&
          (shown.length < payouts.length || page.length < rows.length) && {
            nextPageToken: encodePageToken(list, [Number(last.created_ms), last.payout_id]),
          }),
      };
    },
  };
}

/** The row of a payout that is shown. */
function placeOfView(view: PayoutView | undefined, rows: readonly PayoutRow[]): PayoutRow | undefined {
  return rows.find(({ payout_id }) => payout_id === view?.payoutId);
}

/** The actor names the fields of the request; whoever asked knows those of the draft. */
function inDraftWords(answer: CommandAnswer): CommandAnswer {
  if (answer.ok || !answer.failure.violations) return answer;
  const violations = answer.failure.violations.map(({ field, description }) => ({
    field: field === 'is_advance' ? 'advance' : field,
    description,
  }));
  return { ok: false, failure: { ...answer.failure, violations } };
}

/** @throws TurnpikeError `invalid_argument` */
function placeOf(token: string, list: readonly unknown[]): PayoutPlace {
  const [createdAt, payoutId] = decodePageToken(token, list, [0, ''] as const);
  return { createdAt, payoutId };
}
