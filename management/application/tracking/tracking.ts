/** Single events with what was decided on them and why: by campaign and by id, from the warehouse. */
import { limits } from '../../../limits.ts';
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import { outcomeOf, type ReasonCode } from '../../../model/decision.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { EventType, type EventTypeName } from '../../../model/event.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import { noCampaign } from '../outcome.ts';
import { withinBytes } from '../page-bytes.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';
import { attributionsOf, type PartnerCredits, partnerCredits } from './credits.ts';
import {
  type CreditRow,
  type CreditsFilter,
  conversionOf,
  creditsQuery,
  type PartnerCreditsRow,
  partnerCreditsQuery,
} from './credits-query.ts';
import { type TrackedEvent, trackedEvent } from './tracked-event.ts';
import {
  type EventPlace,
  type EventRow,
  type EventsFilter,
  eventQuery,
  eventsQuery,
  findQuery,
  type WarehouseQuery,
} from './tracking-query.ts';

export interface EventsQuery {
  readonly filter: EventsFilter;
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface EventPage {
  /** The newest first, by record time. */
  readonly events: readonly TrackedEvent[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** What was said of an event, and of its repeats. */
export interface EventAccount {
  /** As it was decided first. */
  readonly event: TrackedEvent;
  /** Later arrivals with the same id, in order. A repeat that the filter has stopped is counted only. */
  readonly repeats: readonly TrackedEvent[];
}

export interface CreditsQuery {
  readonly filter: CreditsFilter;
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface CreditsPage {
  /** In the order of their ids; first, without one, what nobody is credited with. */
  readonly partners: readonly PartnerCredits[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** All methods throw `TurnpikeError` where something expected goes wrong. */
export interface Tracking {
  /** A page of a campaign's events. The first page includes every event that was answered before the call. */
  events(campaignId: string, query: EventsQuery): Promise<EventPage>;
  /** An event that was answered before the call. */
  event(campaignId: string, eventId: string): Promise<EventAccount>;
  /**
   * An event that was answered before the call, as it was decided first, whichever campaign it is of: ids are
   * unique within campaigns only. Who knows the campaign asks for the event there, which costs less.
   */
  find(eventId: string, type: EventTypeName): Promise<TrackedEvent>;
  /**
   * What a campaign's partners are credited with for its conversions. The first page includes every event that was
   * answered before the call.
   */
  credits(campaignId: string, query: CreditsQuery): Promise<CreditsPage>;
}

export interface TrackingDependencies {
  readonly gateway: Pick<ActorGateway, 'query' | 'settled'>;
  readonly warehouse: Pick<Warehouse, 'query'>;
}

export function createTracking({ gateway, warehouse }: TrackingDependencies): Tracking {
  const currencyOf = async (campaignId: string): Promise<string> => {
    const metrics = await gateway.query(campaignId, { kind: 'metrics' });
    if (metrics === undefined) throw noCampaign(campaignId);
    return metrics.currency;
  };
  const rowsOf = ({ text, parameters }: WarehouseQuery): Promise<EventRow[]> =>
    warehouse.query<EventRow>(text, parameters);

  /** The events of rows of one campaign, with what its accepted conversions are credited to. */
  const eventsOf = async (rows: readonly EventRow[], currency: string): Promise<TrackedEvent[]> => {
    const conversions = rows.filter(isAcceptedConversion);
    if (conversions.length === 0) return rows.map((row) => trackedEvent(row, currency));
    const { text, parameters } = creditsQuery((conversions[0] as EventRow).campaign_id, conversions);
    const credits = attributionsOf(await warehouse.query<CreditRow>(text, parameters), currency);
    return rows.map((row) =>
      trackedEvent(row, currency, isAcceptedConversion(row) ? credits.get(conversionOf(row)) : undefined),
    );
  };

  return {
    async events(campaignId, { filter, pageSize, pageToken }) {
      const list = listOf(campaignId, filter);
      const after = pageToken === undefined ? undefined : placeOf(pageToken, list);
      const currency = await currencyOf(campaignId);
      // What lies behind the end of a page was in the warehouse already when that page was read.
      if (after === undefined) await gateway.settled(campaignId);
      const rows = await rowsOf(eventsQuery(campaignId, filter, after, pageSize + 1));
      const page = withinBytes(rows.slice(0, pageSize), JSON.stringify);
      const last = page.at(-1);
      return {
        events: await eventsOf(page, currency),
        ...(last && page.length < rows.length && { nextPageToken: tokenOf(last, list) }),
      };
    },

    async event(campaignId, eventId) {
      const currency = await currencyOf(campaignId);
      await gateway.settled(campaignId);
      const rows = withinBytes(
        await rowsOf(eventQuery(campaignId, eventId, limits.pageSize)),
        JSON.stringify,
      );
      const [event, ...repeats] = await eventsOf(rows, currency);
      if (event === undefined) throw noEvent(eventId, `campaign ${campaignId} has no event`);
      return { event, repeats };
    },

    async find(eventId, type) {
      const query = findQuery(eventId, type);
      let [row] = await rowsOf(query);
      if (row === undefined) {
        // It may be on its way, and nothing tells in which partition.
        await gateway.settled();
        [row] = await rowsOf(query);
      }
      if (row === undefined) throw noEvent(eventId, `there is no ${type}`);
      const [event] = await eventsOf([row], await currencyOf(row.campaign_id));
      return event as TrackedEvent;
    },

    async credits(campaignId, { filter, pageSize, pageToken }) {
      const list = ['credits', campaignId, filter.from ?? null, filter.to ?? null];
      const [after] = pageToken === undefined ? [] : decodePageToken(pageToken, list, [''] as const);
      const currency = await currencyOf(campaignId);
      if (after === undefined) await gateway.settled(campaignId);
      const { text, parameters } = partnerCreditsQuery(campaignId, filter, after, pageSize + 1);
      const rows = await warehouse.query<PartnerCreditsRow>(text, parameters);
      const page = rows.slice(0, pageSize);
      const last = page.at(-1);
      return {
        partners: page.map((row) => partnerCredits(row, currency)),
        ...(last && page.length < rows.length && { nextPageToken: encodePageToken(list, [last.partner_id]) }),
      };
    },
  };
}

function isAcceptedConversion({ type, reason }: EventRow): boolean {
  return type === EventType.conversion && outcomeOf(reason as ReasonCode) === 'accepted';
}

function noEvent(eventId: string, where: string): TurnpikeError {
  return new TurnpikeError({ code: 'not_found', message: `${where} ${eventId}`, eventId });
}

function listOf(
  campaignId: string,
  { type, status, reason, partnerId, flag, from, to }: EventsFilter,
): readonly unknown[] {
  return ['events', campaignId, type, status, reason, partnerId, flag, from, to].map((part) => part ?? null);
}

function tokenOf({ recorded_ms, partition, sequence, row }: EventRow, list: readonly unknown[]): string {
  return encodePageToken(list, [Number(recorded_ms), partition, Number(sequence), row]);
}

function placeOf(token: string, list: readonly unknown[]): EventPlace {
  const [recordedAt, partition, sequence, row] = decodePageToken(token, list, [0, 0, 0, 0] as const);
  return { recordedAt, partition, sequence, row };
}
