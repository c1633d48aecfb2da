/** From the conservation report to its messages. */
import type {
  CampaignConservation,
  ConservationAccount,
} from '../../../proto/generated/turnpike/v1/conservation.ts';
import type { Conservation, WarehouseAccounts } from '../../application/figures/conservation.ts';
import type { Account } from '../../application/figures/conservation-account.ts';
import { protoTimestamp } from '../timestamp.ts';

export function protoConservation(report: Conservation): CampaignConservation {
  const { campaignId, asOf, from, to, balanced, sourcesAgree, live, arrivedMeanwhile } = report;
  return {
    campaignId,
    asOf: protoTimestamp(asOf),
    from: from === undefined ? undefined : protoTimestamp(from),
    to: to === undefined ? undefined : protoTimestamp(to),
    balanced,
    sourcesAgree,
    live: protoAccount(live),
    ...protoAccounts(report),
    arrivedMeanwhile: BigInt(arrivedMeanwhile),
    differences: report.differences.map(({ count, sources, by, startsAt }) => ({
      count,
      sources: [...sources],
      by: BigInt(by),
      startsAt: startsAt === undefined ? undefined : protoTimestamp(startsAt),
    })),
    reasons: report.reasons.map(({ code, name, events }) => ({ code, name, events: BigInt(events) })),
    buckets: (report.buckets ?? []).map((bucket) => ({
      startsAt: protoTimestamp(bucket.startsAt),
      balanced: bucket.balanced,
      ...protoAccounts(bucket),
    })),
  };
}

function protoAccounts({ aggregates, decidedEvents, stopped }: WarehouseAccounts) {
  return {
    aggregates: protoAccount(aggregates),
    decidedEvents: protoAccount(decidedEvents),
    stoppedDuplicates: BigInt(stopped),
  };
}

function protoAccount(account: Account): ConservationAccount {
  return {
    received: BigInt(account.received),
    accepted: BigInt(account.accepted),
    duplicates: BigInt(account.duplicates),
    rejected: BigInt(account.rejected),
    pending: BigInt(account.pending),
    sum: BigInt(account.sum),
    balanced: account.balanced,
  };
}
