/** What every engine of `storage/events` does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CloudEvent, cloudEventOf } from '../../model/domain-event.ts';
import type { EventBus } from '../../storage/events/port.ts';
import { waitFor } from '../support/wait.ts';

export interface BusUnderTest {
  /** The bus as one process has it. */
  open(): Promise<EventBus>;
  /** Ends everything that was opened. */
  close(): Promise<void>;
}

export function eventOf(id: string): CloudEvent {
  return cloudEventOf({
    id,
    type: 'campaign.created',
    actorId: 'c1',
    time: Date.UTC(2026, 5, 1),
    data: { name: 'Ünïcode ✓', by: 'tester' },
  });
}

export function describeBus(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`${name}: the bus of domain events`, () => {
    let engine: BusUnderTest;
    let bus: EventBus;
    let other: EventBus;
    beforeEach(async () => {
      engine = await start();
      bus = await engine.open();
      other = await engine.open();
    });
    afterEach(() => engine?.close());

    /** Publishes until those who listen are known to be heard; then tells what they hear. */
    async function listening(): Promise<{ readonly heard: string[]; readonly stop: () => void }> {
      const heard: string[] = [];
      const stop = other.subscribe(({ id }) => heard.push(id));
      let probes = 0;
      await waitFor('the first event', async () => {
        await bus.publish([eventOf(`probe-${++probes}`)]);
        return heard.length > 0;
      });
      await waitFor('the last probe', () => heard.includes(`probe-${probes}`));
      heard.length = 0;
      return { heard, stop };
    }

    test('brings events to all who listen, whole and in order', async () => {
      const { heard } = await listening();
      const whole: CloudEvent[] = [];
      bus.subscribe((event) => whole.push(event));
      await bus.publish(Array.from({ length: 50 }, (_, number) => eventOf(`e-${number}`)));
      await bus.publish([eventOf('last')]);
      await waitFor('the last event', () => heard.includes('last'));
      expect(heard).toEqual([...Array.from({ length: 50 }, (_, number) => `e-${number}`), 'last']);
      await waitFor('the last event', () => whole.some(({ id }) => id === 'last'));
      expect(whole.at(-1)).toEqual(eventOf('last'));
    });

    test('says nothing to those who listen no more', async () => {
      const { heard, stop } = await listening();
      const still: string[] = [];
      stop();
      other.subscribe(({ id }) => still.push(id));
      let number = 0;
      await waitFor('the one who listens', async () => {
        await bus.publish([eventOf(`after-${++number}`)]);
        return still.length > 0;
      });
      expect(heard).toEqual([]);
    });

    test('takes no events at all', async () => {
      await bus.publish([]);
    });
  });
}
