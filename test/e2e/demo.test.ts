import { expect, test } from 'vitest';
import { cleanEnvironment, sizes } from '../support/environment.ts';
import { liveMetrics } from '../support/management.ts';
import { TestProcess } from '../support/process.ts';
import { TURNPIKE } from '../support/project.ts';
import { Server } from '../support/server.ts';

interface CampaignReport {
  readonly campaign_id: string;
  readonly unique: number;
  readonly revenue: string;
  readonly spend: string;
  readonly budget_clicks?: number;
}

interface Report {
  readonly unique: number;
  readonly repeats: number;
  readonly events_per_second: number;
  readonly exact: boolean;
  readonly differences: readonly string[];
  readonly campaigns: readonly CampaignReport[];
}

/** Clicks that the budget of one of the campaigns has room for. */
const ROOM = 150;

test(`the demo's own count of ${sizes.demoEvents} events is what the server shows, to the last cent`, {
  timeout: 900_000,
}, async () => {
  await using server = await Server.start();
  const { ingest, http } = server.addresses;
  const options = ['--events', String(sizes.demoEvents), '--collector', ingest, '--api', http];
  await using demo = new TestProcess(
    process.execPath,
    [TURNPIKE, 'demo', ...options, '--tight-budget', String(ROOM), '--json'],
    cleanEnvironment(),
  );
  const { code } = await demo.exited;
  expect(code, demo.output).toBe(0);
  const report = JSON.parse(demo.stdout.trim().split('\n').at(-1) as string) as Report;
  console.log(`${report.events_per_second} events per second`);
  expect(report).toMatchObject({ exact: true, differences: [] });
  expect(report.unique + report.repeats).toBe(sizes.demoEvents);
  expect(report.repeats).toBeGreaterThan(0);

  // The demo compares for itself; here is a second opinion.
  for (const campaign of report.campaigns) {
    const live = await liveMetrics(server, campaign.campaign_id);
    if (campaign.budget_clicks !== undefined) {
      expect(live.clicks).toBe(ROOM);
      continue;
    }
    expect(live.accepted).toBe(campaign.unique);
    expect([live.revenue.amount, live.spend.amount]).toEqual([campaign.revenue, campaign.spend]);
  }
});
