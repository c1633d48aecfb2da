/** The snapshot of a campaign: JSON, with amounts as decimal strings. The same state gives the same bytes. */
import { totalsToJson } from '../../model/campaign.ts';
import type { DroppedSet } from '../memory/paged-set.ts';
import type { TouchesJson } from './attribution/touches.ts';
import { bookToJson } from './budget/budget-book.ts';
import { UNCLEAR } from './budget/clearance.ts';
import type { FlowJson } from './click-floods.ts';
import type { TalliesJson } from './commission/tallies.ts';
import type { ConversionBookJson } from './conversion-book.ts';
import { isWatchedBy } from './kpi-state.ts';
import { MicrosSum } from './micros-sum.ts';
import { OpenTotals } from './open-totals.ts';
import type { SliceJson } from './slices.ts';
import type { CampaignState } from './state.ts';

/** Everything a campaign actor needs to go on, but the pages of its memories. */
export interface CampaignSnapshot {
  readonly state: CampaignState;
  /** Sequence of the last record that is in it. */
  readonly applied: number;
  readonly slices: { readonly minute: number; readonly slices: readonly SliceJson[] };
  readonly floods: readonly FlowJson[];
  /** Sizes of the memories, and the window the visitors belong to. */
  readonly conversions: ConversionBookJson;
  readonly failures: number;
  readonly visitors: number;
  readonly visitorWindow: number;
  /** Where the memories of touches stand. */
  readonly touches: TouchesJson;
  /** Where the tallies of partners stand. */
  readonly tallies: TalliesJson;
  /** Memories that this state no longer needs: whoever has it may delete them. */
  readonly dropped: readonly DroppedSet[];
}

/**
 * Encodes a snapshot.
 *
 * @param slow the part that only commands change, as `encodeSlow` gave it: it is large and rarely new
 */
export function encodeSnapshot(snapshot: CampaignSnapshot, slow: string): Uint8Array {
  const fast = JSON.stringify({
    applied: snapshot.applied,
    totals: totalsToJson(snapshot.state.totals),
    today: [snapshot.state.today.endsAt, snapshot.state.today.spend.micros.toString()],
    capUse: snapshot.state.capUse.map(({ endsAt, used }) => [endsAt, used.toString()]),
    grant: snapshot.state.grant,
    reachedPercent: snapshot.state.reachedPercent,
    budget: bookToJson(snapshot.state.budget),
    kpis: [snapshot.state.kpis.dueAt ?? null, snapshot.state.kpis.reachedAt],
    slices: snapshot.slices,
    floods: snapshot.floods,
    conversions: snapshot.conversions,
    failures: snapshot.failures,
    visitors: snapshot.visitors,
    visitorWindow: snapshot.visitorWindow,
    touches: snapshot.touches,
    tallies: snapshot.tallies,
    dropped: snapshot.dropped,
  });
  return Buffer.from(`{"slow":${slow},"fast":${fast}}`);
}

/**
 * The part of the state that only commands change, as JSON. Its keys are listed, because their order in
 * the object depends on whether the state was restored or not.
 */
export function encodeSlow(state: CampaignState): string {
  const slow: Omit<
    CampaignState,
    'totals' | 'today' | 'capUse' | 'grant' | 'reachedPercent' | 'budget' | 'clearMicros' | 'kpis'
  > = {
    campaignId: state.campaignId,
    definition: state.definition,
    pastTerms: state.pastTerms,
    status: state.status,
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    version: state.version,
    revision: state.revision,
    statusReason: state.statusReason,
    statusChangedBy: state.statusChangedBy,
    final: state.final,
    answers: state.answers,
  };
  return JSON.stringify(slow);
}

export function decodeSnapshot(bytes: Uint8Array): CampaignSnapshot {
  const { slow, fast } = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  const { totals, today, capUse, grant, reachedPercent, budget, kpis, ...rest } = fast;
  return {
    ...rest,
    state: {
      ...slow,
      totals: OpenTotals.fromJson(totals),
      today: { endsAt: today[0], spend: new MicrosSum(BigInt(today[1])) },
      capUse: (capUse as [number, string][]).map(([endsAt, used]) => ({ endsAt, used: BigInt(used) })),
      grant,
      reachedPercent,
      budget,
      clearMicros: UNCLEAR,
      kpis: { isWatched: isWatchedBy(slow.definition), dueAt: kpis[0] ?? undefined, reachedAt: kpis[1] },
    },
  };
}
