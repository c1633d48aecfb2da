import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Allocation, type BudgetAccount, PACINGS, type Pacing } from '../../model/budget.ts';
import { type CampaignMetrics, type CampaignView, thresholdsOf } from '../../model/campaign.ts';
import type { Command } from '../../model/command.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import { EventType, type EventTypeCode } from '../../model/event.ts';
import type { EventActor } from '../actor.ts';
import { command, definition, KEY, NOON } from '../test-support.ts';
import { campaignActors } from './actor.ts';
import { decideAll, MINUTE, nothing } from './test-campaign.ts';

/** What happens to a campaign. Amounts in clicks of one cent, times in minutes. */
type Step =
  | { readonly kind: 'command'; readonly name: string; readonly requestId: string | null }
  | {
      readonly kind: 'update';
      readonly budget: number;
      readonly endsIn: number | null;
      readonly budgetPacing: Pacing;
    }
  | { readonly kind: 'allocate'; readonly amounts: readonly number[] }
  | { readonly kind: 'reallocate'; readonly amount: number; readonly from: string; readonly to: string }
  | { readonly kind: 'extra'; readonly amount: number }
  | { readonly kind: 'spend'; readonly amount: number; readonly from: string; readonly reference: string }
  | { readonly kind: 'events'; readonly types: readonly EventTypeCode[]; readonly ids: number }
  | { readonly kind: 'wait' };

const CENT = 10_000;
const types = fc.constantFrom<EventTypeCode[]>(EventType.impression, EventType.click, EventType.conversion);
const verbs = ['create', 'schedule', 'activate', 'pause', 'resume', 'complete', 'cancel'];

/** Allocations, by name; the first two are for partners, the third for reports; `''` is what is not allocated. */
const NAMES = ['a', 'b', 'c'] as const;
const names = fc.constantFrom('', ...NAMES);
const PARTNERS = ['a', 'b', 'other'];

const step = fc.tuple(
  fc.oneof(
    fc.record({
      kind: fc.constant('command' as const),
      name: fc.constantFrom(...verbs, 'activate', 'resume'),
      requestId: fc.option(fc.constantFrom('r1', 'r2', 'r3'), { nil: null }),
    }),
    fc.record({
      kind: fc.constant('update' as const),
      budget: fc.integer({ min: 1, max: 60 }),
      endsIn: fc.option(fc.integer({ min: -10, max: 200 }), { nil: null }),
      budgetPacing: fc.constantFrom(...PACINGS),
    }),
    fc.record({ kind: fc.constant('allocate' as const), amounts: fc.array(fc.nat(12), { maxLength: 3 }) }),
    fc.record({
      kind: fc.constant('reallocate' as const),
      amount: fc.integer({ min: 1, max: 12 }),
      from: names,
      to: names,
    }),
    fc.record({ kind: fc.constant('extra' as const), amount: fc.integer({ min: 1, max: 12 }) }),
    fc.record({
      kind: fc.constant('spend' as const),
      amount: fc.integer({ min: 1, max: 12 }),
      from: names,
      reference: fc.constantFrom('', 'i1', 'i2', 'i3'),
    }),
    fc.record({
      kind: fc.constant('events' as const),
      types: fc.array(types, { minLength: 1, maxLength: 12 }),
      ids: fc.nat(30),
    }),
    fc.constant({ kind: 'wait' as const }),
  ),
  fc.nat(90),
);

/** Most lives begin with a creation. */
const steps = fc
  .array(step, { maxLength: 60 })
  .map((drawn): (readonly [Step, number])[] => [
    [{ kind: 'command', name: 'create', requestId: null }, 0],
    ...drawn,
  ]);

const START = definition({
  budgetTotal: { micros: 20 * CENT, currency: 'USD' },
  cost: { model: 'CPC', rate: { micros: CENT, currency: 'USD' } },
  startsAt: NOON + 60 * MINUTE,
  endsAt: NOON + 900 * MINUTE,
  whenExhausted: 'pause',
});

/** From which statuses each may be entered. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  SCHEDULED: ['DRAFT'],
  ACTIVE: ['DRAFT', 'SCHEDULED', 'PAUSED'],
  PAUSED: ['ACTIVE'],
  COMPLETED: ['ACTIVE', 'PAUSED'],
  CANCELLED: ['DRAFT', 'SCHEDULED', 'ACTIVE', 'PAUSED'],
};

/** Saves an actor, and makes another one of what was saved. */
async function saveAndRestore(actor: EventActor): Promise<EventActor> {
  const documents = new Map(actor.save(1).map(({ name, value }) => [name, value]));
  return campaignActors(KEY).load('c1', async (name) => {
    const value = documents.get(name);
    return value && { value, revision: 1 };
  });
}

/**
 * Lets everything happen to an actor, checking it at each step; gives what it has made known.
 *
 * @param again what goes on in the place of the actor after half of it
 */
async function live(
  born: EventActor,
  steps: readonly (readonly [Step, number])[],
  check: boolean,
  again: (actor: EventActor) => Promise<EventActor> = async (actor) => actor,
) {
  let actor = born;
  const known: DomainEvent[] = [];
  let time = NOON;
  let spent = 0n;
  let events = 0;
  for (const [index, [what, minutes]] of steps.entries()) {
    if (index === steps.length >> 1) actor = await again(actor);
    const sequence = index + 1;
    time += minutes * MINUTE;
    const before = actor.query('campaign', time) as CampaignView | undefined;
    if (actor.exists && (actor.dueAt() ?? Number.POSITIVE_INFINITY) <= time) actor.onTime(time, sequence);
    if (what.kind === 'events') {
      decideAll(
        actor,
        what.types.map((type) => {
          const partnerId = PARTNERS[events % PARTNERS.length] as string;
          return { eventId: `e${events++ % (what.ids + 1)}-${events}`, type, partnerId };
        }),
        time,
        sequence,
      );
    } else if (what.kind !== 'wait') {
      actor.command(commandOf(what, index, time, before), time, sequence);
    }
    known.push(...actor.takeDomainEvents());
    if (!check || !actor.exists) continue;
    const view = actor.query('campaign', time) as CampaignView;
    const metrics = actor.query('metrics', time) as CampaignMetrics;
    expect(metrics.spendMicros).toBeLessThanOrEqual(BigInt(view.budgetTotal?.micros ?? 0));
    expect(metrics.spendMicros).toBeGreaterThanOrEqual(spent);
    expectWithin(actor.query('budget', time) as BudgetAccount);
    expect(metrics.received).toBe(metrics.accepted + metrics.duplicates + metrics.rejected + metrics.pending);
    spent = metrics.spendMicros;
    if (before?.status === 'COMPLETED' || before?.status === 'CANCELLED') {
      expect(view).toEqual(before);
    }
  }
  return known;
}

/** Every part of the money is within its bound, and the parts make up the whole. */
function expectWithin({ totalMicros = 0, spentMicros, allocations, days }: BudgetAccount): void {
  let outside = spentMicros;
  let kept = 0;
  for (const allocation of allocations) {
    expect(allocation.spentMicros).toBeLessThanOrEqual(allocation.amountMicros);
    outside -= allocation.spentMicros;
    kept += allocation.amountMicros;
  }
  expect(outside).toBeGreaterThanOrEqual(0);
  expect(kept + outside).toBeLessThanOrEqual(totalMicros);
  expect(days.reduce((sum, [, micros]) => sum + micros, 0)).toBe(spentMicros);
}

function commandOf(
  what: Exclude<Step, { kind: 'events' | 'wait' }>,
  index: number,
  time: number,
  view: CampaignView | undefined,
): Command {
  const commandId = `command-${index}`;
  if (what.kind === 'update') {
    const { endsAt: _, ...rest } = START;
    const ends = what.endsIn === null ? {} : { endsAt: time + what.endsIn * MINUTE };
    const budgetTotal = { micros: what.budget * CENT, currency: 'USD' };
    const { budgetPacing } = what;
    return command('update', { commandId, payload: { ...rest, ...ends, budgetTotal, budgetPacing } });
  }
  if (what.kind !== 'command') {
    const [name, payload] = moneyCommandOf(what);
    return command(name, { commandId, payload });
  }
  const { name, requestId } = what;
  return command(name, {
    commandId,
    payload: name === 'create' ? START : {},
    ...(requestId !== null && { requestId: `${requestId}-${name}` }),
    ...(index % 7 === 0 && view && { etag: view.etag }),
  });
}

function moneyCommandOf(
  what: Extract<Step, { kind: 'allocate' | 'reallocate' | 'extra' | 'spend' }>,
): [name: string, payload: unknown] {
  if (what.kind === 'allocate') {
    const allocations = what.amounts.map((cents, i): Allocation => {
      const name = NAMES[i] as string;
      const match = { field: 'partner_id', value: name } as const;
      return { name, amountMicros: cents * CENT, ...(i < 2 && { match }) };
    });
    return ['allocate', { currency: 'USD', allocations }];
  }
  const amount = { micros: what.amount * CENT, currency: 'USD' };
  if (what.kind === 'extra') return ['authorize_extra', { amount, reason: 'more' }];
  const { from } = what;
  if (what.kind === 'reallocate') {
    const { to } = what;
    return ['reallocate', { amount, ...(from && { from }), ...(to && { to }) }];
  }
  const { reference } = what;
  return ['record_spend', { amount, ...(from && { allocation: from }), ...(reference && { reference }) }];
}

describe('the life of a campaign', () => {
  it('keeps within its rules, whatever happens in whatever order', () =>
    fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const actor = await campaignActors(KEY).load('c1', nothing);
        const known = await live(actor, life, true);
        let status: unknown;
        const told: number[] = [];
        for (const { type, data } of known) {
          if (type === 'campaign.created') {
            expect(status).toBeUndefined();
            status = 'DRAFT';
          } else if (data.status !== undefined) {
            expect(data.previous_status).toBe(status);
            expect(BEFORE[data.status as string]).toContain(status);
            status = data.status;
          } else if (type === 'budget.threshold_reached') told.push(data.percent as number);
        }
        expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
        expect(thresholdsOf(START)).toEqual(expect.arrayContaining(told));
        expect(status).toBe((actor.query('campaign', NOON) as CampaignView | undefined)?.status);
        expect(new Set(known.map(({ id }) => id)).size).toBe(known.length);
      }),
      { numRuns: 1_000 },
    ));

  it('is the same whenever it is lived again', () =>
    fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const [one, other] = await Promise.all([1, 2].map(() => campaignActors(KEY).load('c1', nothing)));
        if (!one || !other) throw new Error('two actors');
        expect(await live(one, life, false)).toEqual(await live(other, life, false));
        const saved = ({ name, value }: { name: string; value: Uint8Array | undefined }) =>
          `${name}: ${value && Buffer.from(value).toString('latin1')}`;
        expect(one.save(100).map(saved)).toEqual(other.save(100).map(saved));
      }),
      { numRuns: 200 },
    ));

  it('goes on the same when it is saved and restored in the middle', () =>
    fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const [one, other] = await Promise.all([1, 2].map(() => campaignActors(KEY).load('c1', nothing)));
        if (!one || !other) throw new Error('two actors');
        let restored: EventActor | undefined;
        const straight = await live(one, life, false);
        const halved = await live(other, life, false, async (actor) => {
          restored = await saveAndRestore(actor);
          return restored;
        });
        expect(halved).toEqual(straight);
        for (const kind of ['campaign', 'metrics', 'budget'] as const)
          expect(restored?.query(kind, NOON)).toEqual(one.query(kind, NOON));
      }),
      { numRuns: 200 },
    ));

  it('shows the campaign as it would if it had never shown it before', () =>
    fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const actor = await campaignActors(KEY).load('c1', nothing);
        await live(actor, life, false);
        const shown = actor.query('campaign', NOON);
        expect(shown).toEqual((await saveAndRestore(actor)).query('campaign', NOON));
        expect(actor.query('campaign', NOON)).toBe(shown);
      }),
      { numRuns: 200 },
    ));
});
