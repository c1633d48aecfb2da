/** The product's own checks, at rest: its conservation report, and its replay of the log. */
import { TestProcess } from '../support/process.ts';
import { TURNPIKE } from '../support/project.ts';
import type { CampaignPlan } from './load/campaigns.ts';
import type { Ledger } from './load/ledger.ts';
import type { ManagementClients } from './load/management-clients.ts';
import type { ChaosSystem } from './system/system.ts';

/** Complains about every campaign that is not balanced, by the report that management gives. */
export async function checkConservation(
  campaigns: readonly CampaignPlan[],
  management: ManagementClients,
  ledger: Ledger,
): Promise<void> {
  for (const { campaignId } of campaigns) {
    const { status, body } = await management.ask('GET', `/v1/campaigns/${campaignId}/conservation`);
    const report = status === 200 ? (JSON.parse(body) as { readonly balanced?: boolean }) : {};
    if (report.balanced !== true)
      ledger.complain(`the conservation report of ${campaignId}: ${status} ${body.slice(0, 1_000)}`);
  }
}

/** Replays the whole log, and complains unless the warehouse has exactly what comes out. */
export async function checkReplay(system: ChaosSystem, ledger: Ledger): Promise<void> {
  await using verify = new TestProcess(process.execPath, [TURNPIKE, 'verify'], system.environment);
  const { code } = await verify.exited;
  if (code !== 0)
    ledger.complain(`turnpike verify ended with code ${code}:\n${verify.stdout}${verify.stderr}`);
}
