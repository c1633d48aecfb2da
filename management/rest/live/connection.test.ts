import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { LiveConnection } from './connection.ts';
import type { Message, Topic, TopicWatcher } from './topics.ts';

/** A client that takes what it is sent when the test says so. */
class Reader extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly received: { readonly data?: unknown; readonly snapshot?: boolean }[] = [];
  readonly ends: (number | 'cut')[] = [];
  pings = 0;
  #taken: (() => void)[] = [];

  send(text: string, taken: () => void): void {
    this.received.push(JSON.parse(text));
    this.#taken.push(taken);
  }

  /** Takes what it was sent. */
  take(): void {
    for (const taken of this.#taken.splice(0)) taken();
  }

  ping(): void {
    this.pings++;
  }

  close(code: number): void {
    this.readyState = 2;
    this.ends.push(code);
  }

  terminate(): void {
    this.ends.push('cut');
    this.emit('close');
  }
}

const SUMMER: Topic = { kind: 'campaign', id: 'summer' };
const message = (data: number): Message => ({
  type: 'metrics_update',
  topic: 'campaign:summer',
  of: { campaign_id: 'summer' },
  sequence: data,
  data: { data },
});

function connected() {
  const reader = new Reader();
  const watchers = new Map<string, TopicWatcher>();
  const endings: string[] = [];
  const connection = new LiveConnection({
    socket: reader as unknown as WebSocket,
    follow: (topic, watcher) => {
      watchers.set(topic.id, watcher);
      return () => watchers.delete(topic.id);
    },
    sent: () => undefined,
    ended: (why) => endings.push(why),
  });
  const change = (id: string, data: number): void => watchers.get(id)?.changed(() => message(data));
  const heard = () => reader.received.map(({ data }) => (data as { data: number }).data);
  return { reader, connection, watchers, change, heard, endings };
}

describe('a client of the live feed', () => {
  test('that is slow is told the newest state only', () => {
    const { reader, connection, change, heard } = connected();
    connection.follow(SUMMER);
    for (let state = 1; state <= 100; state++) change('summer', state);
    expect(heard()).toEqual([1]);
    reader.take();
    expect(heard()).toEqual([1, 100]);
    reader.take();
    expect(heard()).toEqual([1, 100]);
    expect(reader.received.map(({ snapshot }) => snapshot)).toEqual([true, false]);
  });

  test('that is slow hears of each topic in its turn', () => {
    const { reader, connection, change, heard } = connected();
    connection.follow(SUMMER);
    connection.follow({ kind: 'campaign', id: 'winter' });
    change('summer', 1);
    for (const state of [2, 3]) {
      change('summer', state);
      change('winter', 10 * state);
    }
    for (let times = 0; times < 3; times++) reader.take();
    expect(heard()).toEqual([1, 3, 30]);
  });

  test('that takes nothing from one beat to the next is asked to come again later, and then cut off', () => {
    const { reader, connection, change, endings } = connected();
    connection.follow(SUMMER);
    change('summer', 1);
    connection.beat();
    reader.emit('pong');
    expect(reader.ends).toEqual([]);
    connection.beat();
    expect(reader.ends).toEqual([1013]);
    connection.beat();
    expect([reader.ends, endings]).toEqual([[1013, 'cut'], ['slow']]);
  });

  test('that takes a little from one beat to the next is kept', () => {
    const { reader, connection, change } = connected();
    connection.follow(SUMMER);
    change('summer', 1);
    for (let state = 2; state < 6; state++) {
      change('summer', state);
      connection.beat();
      reader.take();
      reader.emit('pong');
    }
    expect(reader.ends).toEqual([]);
  });

  test('that does not answer a ping is cut off', () => {
    const { reader, connection, endings } = connected();
    connection.beat();
    reader.emit('pong');
    connection.beat();
    expect([reader.pings, reader.ends]).toEqual([2, []]);
    connection.beat();
    expect([reader.ends, endings]).toEqual([['cut'], ['silent']]);
  });

  test('that has gone follows nothing any more', () => {
    const { reader, connection, watchers, endings } = connected();
    connection.follow(SUMMER);
    expect([...watchers.keys()]).toEqual(['summer']);
    reader.emit('close');
    expect([watchers.size, endings]).toEqual([0, ['client']]);
  });
});
