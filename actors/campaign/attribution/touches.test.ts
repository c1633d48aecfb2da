import { describe, expect, test } from 'vitest';
import type { AttributionRule } from '../../../model/attribution.ts';
import { USUAL_ATTRIBUTION } from '../../../model/attribution.ts';
import type { CampaignDefinition } from '../../../model/campaign.ts';
import { encodeClickId } from '../../../model/click-id.ts';
import { REASONS } from '../../../model/decision.ts';
import { EventType } from '../../../model/event.ts';
import { EventBatch } from '../../../model/event-batch.ts';
import { Domain, FINGERPRINT_WORDS, fingerprint } from '../../../model/fingerprint.ts';
import type { EventActor } from '../../actor.ts';
import type { ReadDocument } from '../../stored.ts';
import { command, definition, type EventInput, eventsRecord, KEY, NOON } from '../../test-support.ts';
import { campaignActors } from '../actor.ts';
import { Decision } from '../decide.ts';
import { campaign, HOUR, MINUTE } from '../test-campaign.ts';

const DAY = 24 * HOUR;
const { click, conversion, impression } = EventType;

let events = 0;
let sequence = 10;
/** Who is credited with how much of an event, or why it is not accepted. */
function send(actor: EventActor, input: Partial<EventInput>, time = input.occurredAt ?? NOON): unknown {
  const batch = new EventBatch(eventsRecord([{ eventId: `e${++events}`, ...input }]));
  const out = new Decision();
  actor.event(batch, false, time, ++sequence, out);
  if (out.reason !== REASONS.accepted) return out.reason;
  return out.attribution?.credits.map(
    ({ touch, sharePpm }) => `${touch.kind} ${touch.partnerId} ${sharePpm}`,
  );
}

const rule = (overrides: Partial<AttributionRule>): Partial<CampaignDefinition> => ({
  attribution: { ...USUAL_ATTRIBUTION, ...overrides },
});
const at = (partnerId: string, minute: number, more: Partial<EventInput>): Partial<EventInput> => ({
  partnerId,
  occurredAt: NOON + minute * MINUTE,
  ...more,
});
const buys = (minute: number, more: Partial<EventInput>): Partial<EventInput> => ({
  type: conversion,
  occurredAt: NOON + minute * MINUTE,
  valueMicros: 1_000_000,
  ...more,
});

describe('the touches of a visitor', () => {
  test('are found by user id and by anonymous id, so that one may log in between', async () => {
    const actor = await campaign(rule({ model: 'LINEAR' }));
    send(actor, at('a', 1, { type: click, anonymousId: 'x' }));
    send(actor, at('b', 2, { type: click, anonymousId: 'x', userId: 'maria' }));
    send(actor, at('c', 3, { type: click, userId: 'maria' }));
    send(actor, at('d', 4, { type: click, anonymousId: 'maria' }));
    const all = ['click a 333333', 'click b 333333', 'click c 333334'];
    expect(send(actor, buys(5, { userId: 'maria', anonymousId: 'x' }))).toEqual(all);
    expect(send(actor, buys(5, { anonymousId: 'x' }))).toEqual(['click a 500000', 'click b 500000']);
    expect(send(actor, buys(5, { userId: 'nobody', partnerId: 'z' }))).toEqual(['direct z 1000000']);
  });

  test('are accepted clicks and impressions, and no other events', async () => {
    const actor = await campaign({ uniqueness: { key: 'cookie', windowMs: HOUR } });
    send(actor, at('a', 1, { type: click, anonymousId: 'x', visitor: 'v' }));
    expect(send(actor, at('b', 2, { type: click, anonymousId: 'x', visitor: 'v' }))).toBe(
      REASONS.repeat_visitor,
    );
    expect(send(actor, buys(3, { anonymousId: 'x' }))).toEqual(['click a 1000000']);
  });

  test('are its views only where it has not clicked, and not after the view window', async () => {
    const actor = await campaign(rule({ viewWindowMs: HOUR }));
    send(actor, at('a', 0, { type: impression, anonymousId: 'x' }));
    send(actor, at('b', 2, { type: impression, anonymousId: 'x' }));
    expect(send(actor, buys(60, { anonymousId: 'x' }))).toEqual(['view b 1000000']);
    expect(send(actor, buys(63, { anonymousId: 'x' }))).toEqual(['direct  1000000']);
    send(actor, at('c', 64, { type: click, anonymousId: 'x' }));
    send(actor, at('d', 65, { type: impression, anonymousId: 'x' }));
    expect(send(actor, buys(66, { anonymousId: 'x' }))).toEqual(['click c 1000000']);
  });

  test('are one with the click whose id the conversion brings', async () => {
    const actor = await campaign(rule({ model: 'LINEAR' }));
    const nonce = new Uint32Array(FINGERPRINT_WORDS);
    fingerprint(KEY, Domain.event, 'c1', 'the click', nonce, 0);
    const clickId = encodeClickId(new Uint8Array(32), {
      campaignId: 'c1',
      partnerId: 'a',
      clickedAt: NOON,
      nonce: [nonce[0] as number, nonce[1] as number],
    });
    send(actor, at('a', 0, { type: click, eventId: 'the click', anonymousId: 'x', contentId: 'post' }));
    expect(send(actor, buys(1, { anonymousId: 'x', clickId, goal: 'one' }))).toEqual(['click a 1000000']);
    expect(send(actor, buys(1, { clickId, goal: 'two' }))).toEqual(['click a 1000000']);
  });
});

describe('a conversion', () => {
  test('that comes sooner after all of its clicks than the campaign allows is rejected', async () => {
    const actor = await campaign(rule({ minimumMs: 2 * MINUTE }));
    send(actor, at('a', 0, { type: click, anonymousId: 'x' }));
    expect(send(actor, buys(1, { anonymousId: 'x' }))).toBe(REASONS.converted_too_early);
    expect(send(actor, buys(2, { anonymousId: 'x' }))).toEqual(['click a 1000000']);
  });

  test('is credited by the rule in force when it happened, whenever it arrives', async () => {
    const actor = await campaign(rule({ model: 'FIRST_CLICK' }));
    send(actor, at('a', 0, { type: click, anonymousId: 'x' }));
    send(actor, at('b', 1, { type: click, anonymousId: 'x' }));
    const changed = definition(rule({ model: 'LAST_CLICK' }));
    const answer = actor.command(command('update', { payload: changed }), NOON + 10 * MINUTE, ++sequence);
    expect(answer.ok).toBe(true);
    const late = NOON + DAY;
    expect(send(actor, buys(9, { anonymousId: 'x' }), late)).toEqual(['click a 1000000']);
    expect(send(actor, buys(11, { anonymousId: 'x' }), late)).toEqual(['click b 1000000']);
  });

  test('that names no partner earns a commission for whom it is credited to', async () => {
    const commission = { model: 'FLAT', rate: { micros: 10_000_000, currency: 'USD' } } as const;
    const actor = await campaign({ commission });
    send(actor, at('a', 0, { type: impression, anonymousId: 'x' }));
    send(actor, buys(1, { anonymousId: 'x' }));
    send(actor, buys(1, { anonymousId: 'nobody' }));
    expect(actor.query('metrics', NOON)?.commissionMicros).toBe(10_000_000n);
  });
});

test('a campaign that is over keeps no touches', async () => {
  const actor = await campaign();
  send(actor, at('a', 1, { type: click, anonymousId: 'x', userId: 'y' }));
  send(actor, at('a', 1, { type: impression, anonymousId: 'x' }));
  const pages = actor.save(sequence).map(({ name }) => name);
  expect(pages).toEqual(expect.arrayContaining(['clicks-1/0', 'clicks-sources-1/0', 'views-1/0']));
  actor.command(command('complete'), NOON + HOUR, ++sequence);
  actor.save(sequence);
  const deleted = actor.save(sequence).filter(({ value }) => value === undefined);
  expect(deleted.map(({ name }) => name)).toEqual(pages.filter((name) => /^(clicks|views)-/.test(name)));
});

test('an actor that was restored credits as one that was never away', async () => {
  const documents = new Map<string, ReadDocument>();
  const factory = campaignActors(KEY);
  const never = await campaign(rule({ model: 'LINEAR' }));
  let away = await campaign(rule({ model: 'LINEAR' }));
  const credits: unknown[] = [];
  const expected: unknown[] = [];
  for (let step = 0; step < 200; step++) {
    const type = [click, impression, click, conversion][step % 4] ?? click;
    const userId = `user ${step % 5}`;
    const more = {
      type,
      userId,
      eventId: `step ${step}`,
      ...(type === conversion && { valueMicros: 1_000_000 }),
    };
    const input = at(`p${step % 7}`, step * 20, more);
    expected.push(send(never, input));
    credits.push(send(away, input));
    if (step % 9 !== 0) continue;
    for (const { name, value } of away.save(sequence)) {
      if (value === undefined) documents.delete(name);
      else documents.set(name, { value, revision: 1 });
    }
    away = await factory.load('c1', async (name) => documents.get(name));
  }
  expect(credits).toEqual(expected);
  expect(JSON.stringify(expected)).toContain('click p1 500000');
});
