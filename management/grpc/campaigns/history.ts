/** From a campaign's history to its messages. */
import type { ListCampaignHistoryResponse } from '../../../proto/generated/turnpike/v1/campaign_service.ts';
import type { HistoryPage } from '../../application/campaigns/history.ts';
import { protoTimestamp } from '../timestamp.ts';

export function protoHistory({ events, nextPageToken }: HistoryPage): ListCampaignHistoryResponse {
  return {
    events: events.map(({ id, source, type, subject, time, data }) => ({
      id,
      source,
      type,
      subject,
      time: protoTimestamp(Date.parse(time)),
      data: { ...data },
    })),
    nextPageToken: nextPageToken ?? '',
  };
}
