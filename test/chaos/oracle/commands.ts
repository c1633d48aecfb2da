/** What has happened to a campaign, against what it was commanded: each once, and in this order. */
import type { CampaignPlan } from '../load/campaigns.ts';
import type { Evidence } from './evidence.ts';

const VERBS: Readonly<Record<string, string>> = { 'campaign.paused': 'pause', 'campaign.resumed': 'resume' };

export function checkCommands(
  { campaignId, purpose, capMicros }: CampaignPlan,
  { happened, commands, live }: Evidence,
  fail: (text: string) => void,
): void {
  const own = happened.filter((row) => row.campaignId === campaignId);
  const ids = new Set<string>();
  for (const { id, type } of own) {
    if (ids.has(id)) fail(`${id}, ${type}, is in the warehouse twice`);
    ids.add(id);
  }
  const expectTimes = (type: string, times: number): void => {
    const found = own.filter((row) => row.type === type).length;
    if (found !== times) fail(`${campaignId}: ${type} happened ${found} times, not ${times}`);
  };
  expectTimes('campaign.created', 1);
  expectTimes('campaign.activated', 1);
  expectTimes('budget.exhausted', live.get(campaignId)?.[0]?.spendMicros === capMicros ? 1 : 0);
  const sent = purpose === 'paused' ? commands.map(({ verb }) => verb) : [];
  const done = own.flatMap(({ type }) => VERBS[type] ?? []);
  if (sent.join() !== done.join())
    fail(
      `${campaignId}: its commands were ${sent.join(', ') || 'none'}, what happened was ${done.join(', ') || 'nothing'}`,
    );
}
