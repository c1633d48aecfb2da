/** Where things lie among the snapshots: everything of a partition under one prefix. */
import type { ActorKind } from '../model/command.ts';
import { isCampaignSummary, type Summary } from '../model/summary.ts';
import { keyPart } from '../storage/snapshots/port.ts';

/** Sequences in keys are padded so that byte order is their order. */
function padded(sequence: number): string {
  return String(sequence).padStart(16, '0');
}

export const keys = {
  /** Live actor nodes. */
  memberPrefix: 'member/',
  member: (node: string): string => `member/${keyPart(node)}`,
  /** Who works a partition. */
  lease: (partition: number): string => `lease/${partition}`,
  cursor: (partition: number): string => `partition/${partition}/cursor`,
  /** A document of the partition itself: pages of its event-id window. */
  partitionDocument: (partition: number, name: string): string => `partition/${partition}/${name}`,
  actorDocument: (partition: number, kind: ActorKind, id: string, name: string): string =>
    `partition/${partition}/${kind}/${keyPart(id)}/${name}`,
  outboxPrefix: (partition: number): string => `partition/${partition}/outbox/`,
  /** Domain events of a block that are still to be published. */
  outbox: (partition: number, lastSequence: number): string =>
    `partition/${partition}/outbox/${padded(lastSequence)}`,
  messagesPrefix: (partition: number): string => `partition/${partition}/messages/`,
  /** Messages of a block that are still to be sent. */
  messages: (partition: number, lastSequence: number): string =>
    `partition/${partition}/messages/${padded(lastSequence)}`,
  transfersPrefix: (partition: number): string => `partition/${partition}/transfers/`,
  /** Transfers of a block that the gateway is still to be asked for. */
  transfers: (partition: number, lastSequence: number): string =>
    `partition/${partition}/transfers/${padded(lastSequence)}`,
  spoolPrefix: (partition: number): string => `partition/${partition}/spool/`,
  spooledBlock: (partition: number, lastSequence: number): string =>
    `partition/${partition}/spool/${padded(lastSequence)}`,
  /** Summaries of campaigns, and of partners. */
  summaryPrefix: 'summary/',
  partnerSummaryPrefix: 'partner-summary/',
  summary: (summary: Summary): string =>
    isCampaignSummary(summary)
      ? `summary/${keyPart(summary.campaignId)}`
      : `partner-summary/${keyPart(summary.partnerId)}`,
} as const;
