/** What has happened to a campaign: its domain events as they were published, from the warehouse. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import {
  type CloudEvent,
  cloudEventOf,
  type DomainEventData,
  type DomainEventType,
} from '../../../model/domain-event.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import { noCampaign } from '../outcome.ts';
import { withinBytes } from '../page-bytes.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';
import { HISTORY_QUERY, type HistoryRow, LATEST } from './history-query.ts';

export interface HistoryQuery {
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface HistoryPage {
  /** The newest first. */
  readonly events: readonly CloudEvent[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

export interface HistoryDependencies {
  readonly gateway: Pick<ActorGateway, 'query' | 'settled'>;
  readonly warehouse: Pick<Warehouse, 'query'>;
}

/**
 * A page of a campaign's history. The first page includes all that was answered before the call.
 *
 * @throws TurnpikeError `not_found`, `invalid_argument` (the token), `unavailable`, `deadline_exceeded`
 */
export async function historyPage(
  { gateway, warehouse }: HistoryDependencies,
  campaignId: string,
  { pageSize, pageToken }: HistoryQuery,
): Promise<HistoryPage> {
  const list = ['history', campaignId];
  const [sequence, index] =
    pageToken === undefined ? LATEST : decodePageToken(pageToken, list, [0, 0] as const);
  if ((await gateway.query(campaignId, { kind: 'campaign' })) === undefined) throw noCampaign(campaignId);
  if (pageToken === undefined) await gateway.settled(campaignId);
  const rows = await warehouse.query<HistoryRow>(HISTORY_QUERY, {
    campaign: campaignId,
    sequence,
    index,
    count: pageSize + 1,
  });
  const page = withinBytes(rows.slice(0, pageSize), (row) => row.data);
  const last = page.at(-1);
  return {
    events: page.map((row) => eventOf(campaignId, row)),
    ...(last &&
      page.length < rows.length && {
        nextPageToken: encodePageToken(list, [Number(last.sequence), last.index]),
      }),
  };
}

function eventOf(campaignId: string, { id, type, recorded_ms, data }: HistoryRow): CloudEvent {
  return cloudEventOf({
    id,
    // A later version may have stored a type that this one does not know: it is told as it is.
    type: type as DomainEventType,
    actorId: campaignId,
    time: Number(recorded_ms),
    data: JSON.parse(data) as DomainEventData,
  });
}
