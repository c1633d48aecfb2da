/**
 * The verdict on a run at rest. It shares no code with the system's decisions: it knows what was sent and
 * what was told, and reads the tables of the warehouse and the figures of management.
 */
import { checkCommands } from './commands.ts';
import { ConversionAccounts } from './conversions.ts';
import { EventAccounts } from './events.ts';
import type { Evidence, Verdict } from './evidence.ts';
import { CampaignAccount } from './figures.ts';
import { checkMoney } from './money.ts';

export function check(evidence: Evidence): Verdict {
  const { ledger, campaigns, commands, rows } = evidence;
  const violations = [...ledger.complaints];
  const fail = (text: string): void => {
    violations.push(text);
  };
  const plans = new Map(campaigns.map((plan) => [plan.campaignId, plan]));
  const accounts = new Map(campaigns.map((plan) => [plan.campaignId, new CampaignAccount(plan, fail)]));
  const events = new EventAccounts(ledger, plans, fail);
  const conversions = new ConversionAccounts(ledger, fail);
  for (const row of rows) {
    if (!events.take(row)) continue;
    conversions.take(row);
    accounts.get(row.campaignId)?.take(row);
  }
  events.close(commands);
  conversions.close(plans);
  for (const plan of campaigns) checkCommands(plan, evidence, fail);
  checkMoney(evidence.money, campaigns, fail);

  let { lost, doubled } = events;
  let overspent = 0n;
  for (const account of accounts.values()) {
    const closed = account.close(evidence);
    overspent += closed.overspent;
    lost += Math.max(0, -closed.surplus);
    doubled += Math.max(0, closed.surplus);
  }
  return { counted: events.counted, lost, doubled, overspent, violations };
}
