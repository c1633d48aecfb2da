/** Before the load begins: the campaigns run, and every collector knows them. */
import { HttpClient } from '../../cli/traffic/http-client.ts';
import { waitFor } from '../support/wait.ts';
import { type CampaignPlan, definitionOf } from './load/campaigns.ts';
import type { Ledger } from './load/ledger.ts';
import type { ManagementClients } from './load/management-clients.ts';
import { answersOf, loadRequest } from './load/requests.ts';
import type { Traffic } from './load/traffic.ts';

/** Creates the campaigns and starts them; resolves when they are saved, and collectors know them for good. */
export async function launch(management: ManagementClients, plans: readonly CampaignPlan[]): Promise<void> {
  await Promise.all(
    plans.map(async (plan) => {
      const { campaignId } = plan;
      const body = JSON.stringify(definitionOf(plan));
      const created = await management.ask('POST', '/v1/campaigns', { body, key: `create-${campaignId}` });
      const path = `/v1/campaigns/${campaignId}:activate`;
      const active = await management.ask('POST', path, { body: '{}', key: `activate-${campaignId}` });
      if (created.status !== 201 || active.status !== 200)
        throw new Error(`${campaignId} was not launched: ${created.body} ${active.body}`);
      await management.stored(campaignId);
    }),
  );
}

/**
 * Waits until a collector takes events of a campaign: it learns of changes a little later than they happen.
 *
 * @throws Error if it does not
 */
export async function untilTaken(
  origins: readonly string[],
  plans: readonly CampaignPlan[],
  traffic: Traffic,
  ledger: Ledger,
): Promise<void> {
  for (const origin of origins) {
    const client = new HttpClient({ origin, connections: 4, timeoutMs: 10_000 });
    try {
      for (const plan of plans)
        await waitFor(
          `${origin} to take events of ${plan.campaignId}`,
          () => isTaken(client, plan, traffic, ledger),
          60_000,
        );
    } finally {
      await client.close();
    }
  }
}

async function isTaken(
  client: HttpClient,
  plan: CampaignPlan,
  traffic: Traffic,
  ledger: Ledger,
): Promise<boolean> {
  const event = { ...traffic.canary(plan), type: 'impression' as const };
  const request = loadRequest('single', [event]);
  ledger.sending([event], Date.now());
  const answer = (answersOf(request, await client.exchange(request.http)) ?? [])[0];
  if (answer === undefined || answer.reason === 'unknown_campaign') {
    // Nobody knows of it.
    ledger.forget(event);
    return false;
  }
  ledger.answer(event, answer, Date.now());
  return answer.told === 'accepted';
}
