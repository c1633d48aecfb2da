/** A campaign in memory, and what it decides, for tests. */
import type { CampaignDefinition } from '../../model/campaign.ts';
import type { ReasonCode } from '../../model/decision.ts';
import { EventBatch } from '../../model/event-batch.ts';
import type { EventActor } from '../actor.ts';
import { command, definition, type EventInput, eventsRecord, KEY, NOON } from '../test-support.ts';
import { campaignActors } from './actor.ts';
import { Decision } from './decide.ts';

export const nothing = async (): Promise<undefined> => undefined;
export const HOUR = 3_600_000;
export const MINUTE = 60_000;

/** An actor with a campaign, running unless said. */
export async function campaign(
  overrides: Partial<CampaignDefinition> = {},
  active = true,
): Promise<EventActor> {
  const actor = await campaignActors(KEY).load('c1', nothing);
  actor.command(command('create', { payload: definition(overrides) }), NOON, 1);
  if (active) actor.command(command('activate'), NOON, 2);
  return actor;
}

/** The reasons that the actor gives, event by event. */
export function decideAll(
  actor: EventActor,
  events: readonly EventInput[],
  time = NOON,
  sequence = 3,
): ReasonCode[] {
  const batch = new EventBatch(eventsRecord(events));
  const out = new Decision();
  return events.map((_, row) => {
    batch.seek(row);
    actor.event(batch, false, time, sequence, out);
    return out.reason;
  });
}
