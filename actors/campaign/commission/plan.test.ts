import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CampaignDefinition, CampaignMetrics } from '../../../model/campaign.ts';
import type { CommissionPlan, CommissionRule } from '../../../model/commission-plan.ts';
import { REASONS } from '../../../model/decision.ts';
import { EventFlag, EventType } from '../../../model/event.ts';
import { EventBatch } from '../../../model/event-batch.ts';
import type { EventActor } from '../../actor.ts';
import { command, definition, type EventInput, eventsRecord, KEY, NOON } from '../../test-support.ts';
import { campaignActors } from '../actor.ts';
import { Decision } from '../decide.ts';
import type { Earning } from '../earnings.ts';
import { campaign, decideAll, HOUR, MINUTE } from '../test-campaign.ts';

const DAY = 24 * HOUR;
const usd = (micros: number) => ({ micros, currency: 'USD' });
const flat = (micros: number) => ({ model: 'FLAT', rate: usd(micros) }) as const;
const { accepted, cap_reached } = REASONS;

let events = 0;
const sale = (more: Partial<EventInput> = {}): EventInput => ({
  eventId: `sale-${++events}`,
  type: EventType.conversion,
  valueMicros: 20_000_000,
  currency: 'USD',
  partnerId: 'ana',
  ...more,
});
const click = (more: Partial<EventInput> = {}): EventInput => ({
  eventId: `click-${++events}`,
  type: EventType.click,
  partnerId: 'ana',
  ...more,
});

const planned = (commission: CommissionPlan, more: Partial<CampaignDefinition> = {}): Promise<EventActor> =>
  campaign({ commission, ...more });

/** Who earns what by an event. */
function earnings(actor: EventActor, event: EventInput, time = NOON, sequence = 3): readonly Earning[] {
  const batch = new EventBatch(eventsRecord([event]));
  const out = new Decision();
  batch.seek(0);
  actor.event(batch, false, time, sequence, out);
  return out.earnings;
}
const earned = (actor: EventActor, event: EventInput, time = NOON, sequence = 3): number =>
  earnings(actor, event, time, sequence).reduce((sum, { micros }) => sum + micros, 0);

const rule = (name: string, micros: number, conditions: Partial<CommissionRule> = {}): CommissionRule =>
  ({ name, ...flat(micros), ...conditions }) as CommissionRule;

describe('the rule that pays for an event', () => {
  it.each<[string, Partial<CommissionRule>, Partial<EventInput>, Partial<EventInput>]>([
    ['partner', { partnerIds: ['ana', 'ben'] }, {}, { partnerId: 'eva' }],
    ['goal', { goals: ['lead'] }, { goal: 'lead' }, { goal: 'sale' }],
    ['content', { contentIds: ['video-7'] }, { contentId: 'video-7' }, {}],
    ['value', { minimumMicros: 20_000_000 }, {}, { valueMicros: 19_999_999 }],
    [
      'property',
      { properties: [{ name: 'category', values: ['shoes', 'boots'] }] },
      { properties: '{"category":"boots"}' },
      { properties: '{"category":"Boots"}' },
    ],
    [
      'several properties',
      {
        properties: [
          { name: 'size', values: ['42'] },
          { name: 'new', values: ['true'] },
        ],
      },
      { properties: '{"size":42,"new":true,"color":"red"}' },
      { properties: '{"size":42}' },
    ],
    [
      'property that all objects have',
      { properties: [{ name: 'constructor', values: ['x'] }] },
      { properties: '{"constructor":"x"}' },
      { properties: '{"a":1}' },
    ],
  ])('is chosen by its %s', async (_, conditions, fitting, other) => {
    const actor = await planned({ ...flat(1_000_000), rules: [rule('rule', 7_000_000, conditions)] });
    expect(earned(actor, sale(fitting))).toBe(7_000_000);
    expect(earned(actor, sale(other))).toBe(1_000_000);
  });

  it('is the first that fits', async () => {
    const rules = [rule('a', 2, { goals: ['sale'] }), rule('b', 3), rule('c', 4)];
    const actor = await planned({ ...flat(1), rules });
    expect(earned(actor, sale({ goal: 'sale' }))).toBe(2);
    expect(earned(actor, sale())).toBe(3);
  });

  it('may pay nothing, as none does where there is no base', async () => {
    const actor = await planned({
      rules: [rule('gift cards', 0, { goals: ['gift'] }), rule('sales', 5, { goals: ['sale'] })],
    });
    expect([earned(actor, sale({ goal: 'gift' })), earned(actor, sale({ goal: 'sale' }))]).toEqual([0, 5]);
    expect(earned(actor, sale())).toBe(0);
  });

  it('is asked of events that its model pays for: a plan may pay for clicks and for sales', async () => {
    const rules: CommissionRule[] = [{ name: 'clicks', model: 'CPC', rate: usd(10_000) }];
    const actor = await planned({ ...flat(5_000_000), rules });
    expect([earned(actor, click()), earned(actor, sale())]).toEqual([10_000, 5_000_000]);
  });

  it('says how long its commission is held, or the plan does', async () => {
    const rules = [
      rule('held', 1, { goals: ['held'], holdMs: 90 * DAY }),
      rule('not', 1, { goals: ['not'], holdMs: 0 }),
    ];
    const actor = await planned({ ...flat(1), holdMs: 30 * DAY, rules });
    const holds = ['held', 'not', 'else'].map((goal) => earnings(actor, sale({ goal }))[0]?.holdMs);
    expect(holds).toEqual([90 * DAY, 0, 30 * DAY]);
    expect(earnings(await planned({ ...flat(1), holdMs: DAY }), sale())).toMatchObject([{ holdMs: DAY }]);
  });

  it('may be another one for each partner that shares a conversion', async () => {
    const actor = await planned(
      { ...flat(4_000_000), rules: [rule('ben', 10_000_000, { partnerIds: ['ben'] })] },
      { attribution: { model: 'LINEAR', halfLifeMs: DAY, viewWindowMs: 0, minimumMs: 0 } },
    );
    for (const [i, partnerId] of ['ana', 'ben', 'eva'].entries())
      decideAll(actor, [click({ userId: 'u', partnerId, occurredAt: NOON + i * MINUTE })], NOON + i * MINUTE);
    expect(earnings(actor, sale({ userId: 'u', occurredAt: NOON + HOUR }), NOON + HOUR)).toMatchObject([
      { partnerId: 'ana', micros: 1_333_332, credit: 0 },
      { partnerId: 'ben', micros: 3_333_330, credit: 1 },
      { partnerId: 'eva', micros: 1_333_336, credit: 2 },
    ]);
  });
});

describe('the commission of an event with a mark of fraud', () => {
  const holdOf = async (commission: CommissionPlan, event: EventInput): Promise<number | undefined> =>
    earnings(await planned(commission), event)[0]?.holdMs;

  it('is held for 30 days at least, or as the plan says', async () => {
    const marked = sale({ userId: 'ana' });
    expect(await holdOf(flat(1), marked)).toBe(30 * DAY);
    expect(await holdOf({ ...flat(1), holdMs: 45 * DAY }, marked)).toBe(45 * DAY);
    expect(await holdOf({ ...flat(1), holdMs: DAY, flaggedHoldMs: 60 * DAY }, marked)).toBe(60 * DAY);
    expect(await holdOf({ ...flat(1), flaggedHoldMs: 0 }, marked)).toBe(0);
    expect(await holdOf({ rules: [rule('a', 1, { holdMs: 0 })] }, marked)).toBe(30 * DAY);
  });

  it('is held whoever has marked the event, but not for what tells of clocks and of the filter', async () => {
    const perClick: CommissionPlan = { model: 'CPC', rate: flat(1).rate };
    expect(await holdOf(perClick, click({ flags: EventFlag.bot }))).toBe(30 * DAY);
    expect(await holdOf(perClick, click({ flags: EventFlag.clockAhead | EventFlag.uncertain }))).toBe(0);
  });

  it('is not held for the request of a conversion, which a server sends', async () => {
    const flags = EventFlag.bot | EventFlag.head | EventFlag.dataCentre;
    expect(await holdOf(flat(1), sale({ flags }))).toBe(0);
    expect(await holdOf(flat(1), sale({ flags: flags | EventFlag.selfReferral }))).toBe(30 * DAY);
  });
});

describe('tiers and caps of partners', () => {
  const byCount = (from: number, micros: number, period: 'day' | 'month' | 'total' = 'month') =>
    ({ mode: 'RETROACTIVE', by: 'conversions', period, steps: [{ from, rate: micros }] }) as const;

  it('count a shared conversion by its shares', async () => {
    const actor = await planned(
      { ...flat(1_000_000), tiers: byCount(1, 3_000_000) },
      { attribution: { model: 'LINEAR', halfLifeMs: DAY, viewWindowMs: 0, minimumMs: 0 } },
    );
    for (const [i, partnerId] of ['ana', 'ben'].entries())
      decideAll(actor, [click({ userId: 'u', partnerId, occurredAt: NOON + i * MINUTE })], NOON + i * MINUTE);
    const halves = [1, 2].map((hours) => {
      const at = NOON + hours * HOUR;
      return earnings(actor, sale({ userId: 'u', occurredAt: at }), at).map(({ micros }) => micros);
    });
    // Half a conversion each; with the second one each has brought a whole one, which is worth three.
    expect(halves).toEqual([
      [500_000, 500_000],
      [2_500_000, 2_500_000],
    ]);
  });

  it('count both parts of a conversion that one partner has two shares of', async () => {
    const actor = await planned(
      { ...flat(1_000_000), cap: { micros: 700_000, period: 'day' } },
      { attribution: { model: 'LINEAR', halfLifeMs: DAY, viewWindowMs: 0, minimumMs: 0 } },
    );
    for (let i = 0; i < 2; i++)
      decideAll(actor, [click({ userId: 'u', occurredAt: NOON + i * MINUTE })], NOON + i * MINUTE);
    const shared = earnings(actor, sale({ userId: 'u', occurredAt: NOON + HOUR }), NOON + HOUR);
    expect(shared.map(({ micros }) => micros)).toEqual([500_000, 200_000]);
  });

  it('of a day begin anew at midnight of the time zone of the campaign, by the time of the record', async () => {
    const plan = {
      ...flat(1_000_000),
      tiers: byCount(2, 2_000_000, 'day'),
      cap: { micros: 4_500_000, period: 'day' },
    } as const;
    const actor = await planned(plan, { timeZone: 'America/Bogota' });
    const midnight = Date.UTC(2026, 5, 2, 5);
    const at = (time: number) => earned(actor, sale({ occurredAt: NOON }), time);
    expect([at(NOON), at(NOON), at(midnight - 1), at(midnight)]).toEqual([
      1_000_000, 3_000_000, 500_000, 1_000_000,
    ]);
  });

  it('cut what a partner earns, and the conversion counts', async () => {
    const actor = await planned({ ...flat(3_000_000), cap: { micros: 4_000_000, period: 'total' } });
    expect(decideAll(actor, [sale(), sale(), sale(), sale({ partnerId: 'ben' })])).toEqual([
      accepted,
      accepted,
      accepted,
      accepted,
    ]);
    expect(actor.query('metrics', NOON)).toMatchObject({ conversions: 4, commissionMicros: 7_000_000n });
  });

  it('leave the tallies alone where the event does not count', async () => {
    const actor = await planned(
      { ...flat(1_000_000), tiers: byCount(2, 5_000_000) },
      { caps: [{ metric: 'commission', period: 'day', limit: 2_000_000 }] },
    );
    // The second would earn what is due for the first, too, and that is beyond the cap of the campaign.
    expect(decideAll(actor, [sale(), sale(), sale()])).toEqual([accepted, cap_reached, cap_reached]);
    expect(decideAll(actor, [sale({ partnerId: 'ben' })])).toEqual([accepted]);
    expect(actor.query('metrics', NOON)).toMatchObject({ commissionMicros: 2_000_000n });
  });

  it('leave a campaign open to clicks as long as one may earn so little that the caps have room', async () => {
    const cpc = (micros: number) => ({ model: 'CPC', rate: usd(micros) }) as const;
    const caps = [{ metric: 'commission', period: 'total', limit: 1_000_000 }] as const;
    const isFull = async (commission: CommissionPlan): Promise<boolean | undefined> => {
      const actor = await planned(commission, { caps });
      decideAll(actor, [click(), click()]);
      return (actor.takeSummary() as { exhausted?: boolean } | undefined)?.exhausted;
    };
    expect(await isFull(cpc(500_000))).toBe(true);
    expect(await isFull({ ...cpc(500_000), rules: [{ name: 'ben', ...cpc(0), partnerIds: ['ben'] }] })).toBe(
      false,
    );
    expect(await isFull({ ...cpc(500_000), cap: { micros: 600_000, period: 'day' } })).toBe(false);
  });
});

describe('a plan that changes', () => {
  const change = (actor: EventActor, commission: CommissionPlan, time: number, sequence: number) =>
    actor.command(command('update', { payload: definition({ commission }) }), time, sequence);

  it('holds for what happens from then on, whenever it arrives', async () => {
    const actor = await planned({
      ...flat(1_000_000),
      rules: [rule('leads', 2_000_000, { goals: ['lead'] })],
    });
    const later = NOON + HOUR;
    change(actor, { ...flat(9_000_000), rules: [rule('leads', 8_000_000, { goals: ['lead'] })] }, later, 5);
    const at = (occurredAt: number, goal: string) =>
      earned(actor, sale({ occurredAt, goal }), later + MINUTE, 6);
    expect([at(later - 1, 'lead'), at(later - 1, 'sale')]).toEqual([2_000_000, 1_000_000]);
    expect([at(later, 'lead'), at(later, 'sale')]).toEqual([8_000_000, 9_000_000]);
  });

  it('goes on counting under the name of a rule, each event earning by the tiers of its time', async () => {
    const tiers = (from: number, micros: number) =>
      ({ mode: 'MARGINAL', by: 'conversions', period: 'month', steps: [{ from, rate: micros }] }) as const;
    const actor = await planned({ rules: [rule('sales', 1_000_000, { tiers: tiers(2, 2_000_000) })] });
    const later = NOON + HOUR;
    const at = (occurredAt: number) => earned(actor, sale({ occurredAt }), later + MINUTE, 6);
    expect(at(NOON)).toBe(1_000_000);
    change(actor, { rules: [rule('sales', 3_000_000, { tiers: tiers(3, 5_000_000) })] }, later, 5);
    expect([at(later), at(NOON), at(later)]).toEqual([3_000_000, 2_000_000, 5_000_000]);
  });

  it('cannot be kept without end while events may still be judged by the old ones', async () => {
    const large = (micros: number): CommissionPlan => ({
      rules: [
        rule('many', micros, {
          partnerIds: Array.from({ length: 1_000 }, (_, i) => `partner-${i}-${'x'.repeat(16)}`),
        }),
      ],
    });
    const actor = await planned(large(1));
    let changes = 0;
    while (change(actor, large(2 + changes), NOON + changes, 10 + changes).ok) changes++;
    expect(changes).toBeGreaterThan(5);
    expect(changes).toBeLessThan(15);
    expect(change(actor, large(99), NOON + HOUR, 500)).toMatchObject({
      ok: false,
      failure: { violations: [{ field: 'commission', description: expect.stringContaining('bytes') }] },
    });
  });
});

describe('a campaign with tiers', () => {
  const COMMISSION: CommissionPlan = {
    model: 'PERCENTAGE',
    sharePpm: 33_333,
    tiers: { mode: 'MARGINAL', by: 'conversions', period: 'day', steps: [{ from: 3, rate: 77_777 }] },
    rules: [
      {
        name: 'ben',
        ...flat(700_001),
        partnerIds: ['ben'],
        tiers: {
          mode: 'RETROACTIVE',
          by: 'revenue',
          period: 'total',
          steps: [{ from: 30_000_000, rate: 900_000 }],
        },
        cap: { micros: 3_000_000, period: 'month' },
      },
    ],
  };

  it('is restored so that everybody earns as if it had never been away', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            partnerId: fc.constantFrom('ana', 'ben', 'eva'),
            userId: fc.constantFrom('u', 'v'),
            isClick: fc.boolean(),
            valueMicros: fc.nat(9_000_000),
            minutes: fc.nat(300),
            saves: fc.boolean(),
          }),
          { maxLength: 40 },
        ),
        async (steps) => {
          const terms = {
            attribution: { model: 'LINEAR', halfLifeMs: DAY, viewWindowMs: 0, minimumMs: 0 },
          } as const;
          const straight = await planned(COMMISSION, terms);
          let interrupted = await planned(COMMISSION, terms);
          const documents = new Map<string, { value: Uint8Array; revision: number }>();
          let time = NOON;
          for (const [
            index,
            { partnerId, userId, isClick, valueMicros, minutes, saves },
          ] of steps.entries()) {
            if (saves) {
              for (const { name, value } of interrupted.save(index))
                if (value) documents.set(name, { value, revision: 1 });
                else documents.delete(name);
              interrupted = await campaignActors(KEY).load('c1', async (name) => documents.get(name));
            }
            time += minutes * MINUTE;
            const event = isClick
              ? click({ partnerId, userId, occurredAt: time })
              : sale({ partnerId, userId, valueMicros, occurredAt: time });
            expect(earnings(interrupted, event, time, 3 + index)).toEqual(
              earnings(straight, event, time, 3 + index),
            );
          }
          const metrics = (actor: EventActor) => actor.query('metrics', time) as CampaignMetrics;
          expect(metrics(interrupted)).toEqual(metrics(straight));
        },
      ),
      { numRuns: 100 },
    ));
});
