import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REASONS } from '../model/decision.ts';
import { EventFlag, EventType } from '../model/event.ts';
import { FIELD } from '../model/event-batch.ts';
import { openMemoryDedup } from '../storage/dedup/memory.ts';
import { Claim, type Dedup } from '../storage/dedup/port.ts';
import { applyClaims, heldKeys } from './claims.ts';
import { IncomingEvent } from './incoming-event.ts';
import { campaign } from './test-support.ts';
import { WaitingBatch } from './waiting-batch.ts';

const SECRETS = { fingerprintKey: { k0: 1, k1: 2 }, clickSecret: Buffer.alloc(32) };
const unique = campaign({ uniqueness: { key: 'address', windowMs: 3_600_000 } });

function click(eventId: string, visitor: string): IncomingEvent {
  const event = new IncomingEvent();
  event.type = EventType.click;
  event.campaign = unique;
  event.set(FIELD.eventId, eventId);
  event.set(FIELD.campaignId, unique.campaignId);
  event.visitor = visitor;
  return event;
}

/** Claims as the pipeline does, all of it stored. Gives what each event was counted as. */
async function pass(dedup: Dedup, token: string, clicks: readonly IncomingEvent[]): Promise<number[]> {
  const batch = new WaitingBatch();
  for (const event of clicks) batch.add(event, SECRETS, 0);
  const results = await dedup.claim(batch.keys, token);
  const orphans = applyClaims(batch.events, batch.keys, results);
  if (orphans) await dedup.release(orphans, token);
  await dedup.confirm(batch.keys, token);
  return clicks.map(({ reason }) => reason);
}

const { accepted, duplicate_event: resent, repeat_visitor: repeated } = REASONS;

describe('a click', () => {
  test('is stopped if it was sent before', async () => {
    const dedup = openMemoryDedup();
    expect(await pass(dedup, '1', [click('a', 'x')])).toEqual([accepted]);
    expect(await pass(dedup, '2', [click('a', 'x')])).toEqual([resent]);
  });

  test('is stopped if its visitor has clicked before', async () => {
    const dedup = openMemoryDedup();
    expect(await pass(dedup, '1', [click('a', 'x'), click('b', 'x')])).toEqual([accepted, repeated]);
    expect(await pass(dedup, '2', [click('c', 'x'), click('d', 'y')])).toEqual([repeated, accepted]);
  });

  test('that is stopped for its visitor is a resend the next time', async () => {
    const dedup = openMemoryDedup();
    await pass(dedup, '1', [click('a', 'x'), click('b', 'x')]);
    expect(await pass(dedup, '2', [click('b', 'x')])).toEqual([resent]);
  });

  test('that is a resend does not keep its visitor from clicking', async () => {
    const dedup = openMemoryDedup();
    await pass(dedup, '1', [click('a', 'x')]);
    expect(await pass(dedup, '2', [click('a', 'new'), click('b', 'new'), click('c', 'new')])).toEqual([
      resent,
      accepted,
      repeated,
    ]);
    expect(await pass(dedup, '3', [click('a', 'other')])).toEqual([resent]);
    expect(await pass(dedup, '4', [click('d', 'other')])).toEqual([accepted]);
  });

  test('of which the filter is not sure goes into the log, marked', async () => {
    const dedup = openMemoryDedup();
    const first = new WaitingBatch();
    first.add(click('a', 'x'), SECRETS, 0);
    await dedup.claim(first.keys, '1');
    const [second, third] = [click('b', 'x'), click('a', 'y')];
    expect(await pass(dedup, '2', [second, third])).toEqual([accepted, accepted]);
    expect(second.flags).toBe(EventFlag.uncertain);
    expect(third.flags).toBe(0);
  });
});

describe('events that the collector has refused', () => {
  test('have no keys', async () => {
    const batch = new WaitingBatch();
    const refused = click('a', 'x');
    refused.refuse(REASONS.late, 'late');
    batch.add(refused, SECRETS, 0);
    batch.add(click('b', 'x'), SECRETS, 0);
    const results = await openMemoryDedup().claim(batch.keys, '1');
    expect([...results]).toEqual([Claim.new, Claim.new]);
    applyClaims(batch.events, batch.keys, results);
    expect(batch.events.map(({ reason }) => reason)).toEqual([REASONS.late, accepted]);
  });
});

test('the keys that a part of a batch holds are those it was given', async () => {
  const batch = new WaitingBatch();
  for (const [id, visitor] of [
    ['a', 'x'],
    ['b', 'x'],
    ['a', 'x'],
    ['c', 'y'],
  ] as const)
    batch.add(click(id, visitor), SECRETS, 0);
  const results = await openMemoryDedup().claim(batch.keys, '1');
  applyClaims(batch.events, batch.keys, results);
  const [first, second, third, fourth] = batch.events;
  const held = (...some: unknown[]): number =>
    heldKeys(batch.events, batch.keys, results, (event) => some.includes(event)).length / 3;
  expect([held(first), held(second), held(third), held(fourth)]).toEqual([2, 1, 0, 2]);
  expect(held(first, second, third, fourth)).toBe(5);
});

test('across any batches, an id is accepted once at most, and so is a visitor', async () => {
  const letter = fc.constantFrom('a', 'b', 'c', 'd');
  const batches = fc.array(fc.array(fc.tuple(letter, letter), { maxLength: 8 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(batches, async (list) => {
      const dedup = openMemoryDedup();
      const ids = new Set<string>();
      const visitors = new Set<string>();
      for (const [number, part] of list.entries()) {
        const clicks = part.map(([id, visitor]) => click(id, visitor));
        const reasons = await pass(dedup, `${number}`, clicks);
        part.forEach(([id, visitor], i) => {
          const expected = ids.has(id) ? resent : visitors.has(visitor) ? repeated : accepted;
          expect(reasons[i]).toBe(expected);
          ids.add(id);
          if (expected === accepted) visitors.add(visitor);
        });
      }
    }),
  );
});
