/**
 * Domain events: each is in the warehouse once, and was published at least once, in order; and they tell
 * the story of the campaign.
 */
import type { CloudEvent } from '../../../model/domain-event.ts';
import type { CampaignPlan } from '../scenario.ts';
import type { LiveCampaign, Row } from './check.ts';
import { type Ledger, REASON } from './ledger.ts';
import { refundsOf } from './refunds.ts';

export interface DomainEvidence {
  readonly ledger: Ledger;
  /** Rows of `domain_events`, and of `decided_events`. */
  readonly rows: readonly Row[];
  readonly decided: readonly Row[];
  /** In the order of their arrival. */
  readonly published: readonly CloudEvent[];
  readonly plans: readonly CampaignPlan[];
  readonly live: ReadonlyMap<string, LiveCampaign>;
}

/** Notes everything that is wrong in the ledger. */
export function checkDomainEvents(evidence: DomainEvidence): void {
  const { ledger, rows, published } = evidence;
  const stored = new Map<string, Row>();
  for (const row of rows) {
    const id = String(row.id);
    if (stored.has(id)) ledger.fail(`the domain event ${id} is in the warehouse twice`);
    stored.set(id, row);
  }
  const first = new Map<string, CloudEvent>();
  for (const event of published) {
    const known = first.get(event.id);
    if (known && JSON.stringify(known) !== JSON.stringify(event))
      ledger.fail(`the domain event ${event.id} was published with two contents`);
    if (!known) first.set(event.id, event);
    const row = stored.get(event.id);
    if (!row) ledger.fail(`the domain event ${event.id} was published, and is not in the warehouse`);
    else if (row.data !== JSON.stringify(event.data))
      ledger.fail(
        `the domain event ${event.id} was published as ${JSON.stringify(event.data)} and stored as ${row.data}`,
      );
  }
  for (const id of stored.keys()) if (!first.has(id)) ledger.fail(`the domain event ${id} was not published`);
  for (const plan of evidence.plans) {
    checkOrder(ledger, plan.campaignId, [...first.values()], stored);
    checkStory(evidence, plan);
  }
}

/** Whoever listens hears of a campaign in the order in which it happened, repeats left out. */
function checkOrder(
  ledger: Ledger,
  campaignId: string,
  heard: readonly CloudEvent[],
  stored: ReadonlyMap<string, Row>,
): void {
  let last = 0n;
  for (const { id, subject } of heard) {
    if (subject !== campaignId) continue;
    const sequence = BigInt(stored.get(id)?.sequence ?? 0n);
    if (sequence < last) ledger.fail(`the domain event ${id} was published after later ones`);
    last = sequence;
  }
}

/** Each change of status begins where the last one ended, and the last one ends where the campaign is. */
function checkStory(evidence: DomainEvidence, plan: CampaignPlan): void {
  const { ledger, rows, decided, live } = evidence;
  const { campaignId } = plan;
  const own = rows
    .filter((row) => row.campaign_id === campaignId)
    .sort((a, b) => Number(a.sequence) - Number(b.sequence) || (String(a.id) < String(b.id) ? -1 : 1));
  let status: unknown;
  for (const row of own) {
    const data = JSON.parse(String(row.data)) as { status?: string; previous_status?: string };
    if (row.type === 'campaign.created') {
      if (status !== undefined) ledger.fail(`${campaignId} was created twice`);
      status = 'DRAFT';
    } else if (data.status !== undefined) {
      if (data.previous_status !== status)
        ledger.fail(`${campaignId} became ${data.status} from ${data.previous_status}, and was ${status}`);
      status = data.status;
    }
  }
  if (status !== live.get(campaignId)?.status)
    ledger.fail(`${campaignId} is ${live.get(campaignId)?.status}, and was told to be ${status}`);
  const exhausted = own.filter((row) => row.type === 'budget.exhausted').length;
  const wasRefused = decided.some(
    (row) => row.campaign_id === campaignId && Number(row.reason) === REASON.budgetExhausted,
  );
  const { placed } = refundsOf(rows, campaignId);
  if (exhausted > 1 + placed.size || (wasRefused && exhausted === 0))
    ledger.fail(`the budget of ${campaignId} was told to be exhausted ${exhausted} times`);
  checkThresholds(evidence, plan, own);
}

/** A threshold is told once, and when it is reached. */
function checkThresholds({ ledger, live }: DomainEvidence, plan: CampaignPlan, own: readonly Row[]): void {
  const told = own
    .filter((row) => row.type === 'budget.threshold_reached')
    .map((row) => (JSON.parse(String(row.data)) as { percent: number }).percent);
  const spend = BigInt(live.get(plan.campaignId)?.metrics?.spendMicros ?? 0n);
  const total = BigInt(plan.definition.budgetTotal?.micros ?? 0);
  const reached = [50, 75, 90, 100].filter(
    (percent) => total > 0n && spend * 100n >= total * BigInt(percent),
  );
  // What was given back may have been above a threshold.
  const { spendMicros: givenBack } = refundsOf(own, plan.campaignId);
  const isTold =
    givenBack > 0n
      ? reached.every((percent) => told.includes(percent)) && new Set(told).size === told.length
      : told.join() === reached.join();
  if (!isTold)
    ledger.fail(`${plan.campaignId} spent ${spend} of ${total}, and told the thresholds ${told.join()}`);
}
