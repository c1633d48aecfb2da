import { describe, expect, it } from 'vitest';
import type { CampaignDefinition } from '../../model/campaign.ts';
import { encodeClickId } from '../../model/click-id.ts';
import { REASONS } from '../../model/decision.ts';
import { EventFlag, EventType } from '../../model/event.ts';
import { EventBatch } from '../../model/event-batch.ts';
import type { Actor } from '../actor.ts';
import { command, type EventInput, eventsRecord, KEY, NOON } from '../test-support.ts';
import { campaignActors } from './actor.ts';
import { Decision } from './decide.ts';
import { campaign, decideAll, MINUTE } from './test-campaign.ts';

type CampaignActor = Awaited<ReturnType<typeof campaign>>;

/** The marks that the campaign puts on events, and the reasons that it gives. */
function marks(
  actor: CampaignActor,
  events: readonly EventInput[],
  time = NOON,
  sequence = 3,
): { flags: number[]; reasons: number[] } {
  const batch = new EventBatch(eventsRecord(events));
  const out = new Decision();
  const flags: number[] = [];
  const reasons = events.map((_, row) => {
    batch.seek(row);
    actor.event(batch, false, time, sequence, out);
    flags.push(out.flags);
    return out.reason;
  });
  return { flags, reasons };
}

const flagsOf = (actor: CampaignActor, ...events: EventInput[]): number[] => marks(actor, events).flags;
const clickId = (clickedAt: number, number = 1): string =>
  encodeClickId(Buffer.alloc(32), { campaignId: 'c1', partnerId: 'anna', clickedAt, nonce: [number, 0] });
const converted = (afterMs: number, more: Partial<EventInput> = {}): EventInput => ({
  eventId: `conversion-${afterMs}`,
  type: EventType.conversion,
  clickId: clickId(NOON - afterMs, afterMs + 10),
  ...more,
});

describe('a conversion', () => {
  it('is too fast within three seconds of its click, and counts all the same', async () => {
    const actor = await campaign();
    const { flags, reasons } = marks(actor, [converted(2_999), converted(3_000), converted(-5)]);
    expect(flags).toEqual([EventFlag.tooFast, 0, EventFlag.tooFast]);
    expect(new Set(reasons)).toEqual(new Set([REASONS.accepted]));
  });

  it('is too fast by the campaign’s own rule, or never', async () => {
    const own: Partial<CampaignDefinition> = { fraud: { minimumToConvertMs: 60_000 } };
    expect(flagsOf(await campaign(own), converted(59_999))).toEqual([EventFlag.tooFast]);
    expect(flagsOf(await campaign({ fraud: { minimumToConvertMs: 0 } }), converted(0))).toEqual([0]);
  });

  it('is too fast after a click of its user that it is credited to', async () => {
    const actor = await campaign();
    decideAll(actor, [{ eventId: 'click', partnerId: 'anna', userId: 'u1', occurredAt: NOON - 1_000 }]);
    const sale: EventInput = { eventId: 'sale', type: EventType.conversion, userId: 'u1' };
    expect(flagsOf(actor, sale)).toEqual([EventFlag.tooFast]);
  });

  it('is the partner’s own if the user is the partner, who may be known by the click alone', async () => {
    const actor = await campaign();
    const own = converted(60_000, { userId: 'Anna', partnerId: 'anna' });
    const other = converted(70_000, { userId: 'otto', partnerId: 'anna' });
    expect(flagsOf(actor, own, other)).toEqual([EventFlag.selfReferral, 0]);
    const unnamed = converted(80_000, { userId: 'ANNA' });
    expect(flagsOf(actor, unnamed)).toEqual([EventFlag.selfReferral]);
  });

  it('that the collector has refused is not judged again', async () => {
    const forged = converted(5, { verdict: REASONS.click_id_invalid, userId: 'anna', partnerId: 'anna' });
    expect(flagsOf(await campaign(), forged)).toEqual([0]);
  });
});

describe('a click', () => {
  it('is the partner’s own if the user is the partner, whatever the case', async () => {
    const own = { eventId: 'own', userId: 'ÄNNE', partnerId: 'änne' };
    const other = { eventId: 'other', userId: 'änna', partnerId: 'änne' };
    expect(flagsOf(await campaign(), own, other, { eventId: 'nobody' })).toEqual([
      EventFlag.selfReferral,
      0,
      0,
    ]);
  });

  const clicks = (minute: number, count: number): EventInput[] =>
    Array.from({ length: count }, (_, i) => ({ eventId: `click-${minute}-${i}`, partnerId: 'anna' }));

  async function usual(): Promise<CampaignActor> {
    const actor = await campaign();
    for (let minute = 0; minute < 5; minute++)
      marks(actor, clicks(minute, 2), NOON + minute * MINUTE, 3 + minute);
    return actor;
  }

  it('is of a flood where there are many more than in the partner’s earlier minutes', async () => {
    const { flags, reasons } = marks(await usual(), clicks(5, 40), NOON + 5 * MINUTE, 10);
    expect(flags).toEqual([...new Array(29).fill(0), ...new Array(11).fill(EventFlag.flood)]);
    expect(new Set(reasons)).toEqual(new Set([REASONS.accepted]));
  });

  it('that is refused is none of a flood', async () => {
    const actor = await usual();
    actor.command(command('pause'), NOON + 5 * MINUTE, 9);
    const { flags } = marks(actor, clicks(5, 40), NOON + 5 * MINUTE, 10);
    expect(new Set(flags)).toEqual(new Set([0]));
  });

  it('is judged as if the campaign had never been away', async () => {
    const actor: Actor = await usual();
    marks(actor as CampaignActor, clicks(5, 20), NOON + 5 * MINUTE, 10);
    const saved = new Map(actor.save(10).map(({ name, value }) => [name, value] as const));
    const restored = await campaignActors(KEY).load('c1', async (name) => {
      const value = saved.get(name);
      return value && { value, revision: 1 };
    });
    const { flags } = marks(restored, clicks(6, 10), NOON + 5 * MINUTE + 1, 11);
    expect(flags).toEqual([...new Array(9).fill(0), EventFlag.flood]);
  });
});
