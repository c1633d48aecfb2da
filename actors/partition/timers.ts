/**
 * When the actors of a partition want to be called next, in record time. A plain map: it is asked once
 * per record, for its earliest entry only, which is kept at hand.
 */
import type { ActorKind } from '../../model/command.ts';
import type { TimerJson } from './cursor.ts';

export class Timers {
  readonly #due = new Map<string, TimerJson>();
  #earliest = Number.POSITIVE_INFINITY;

  constructor(timers: readonly TimerJson[]) {
    for (const [kind, id, dueAt] of timers) this.set(kind, id, dueAt);
  }

  /** The next time at which something falls due; `Infinity` if nothing does. */
  get earliest(): number {
    return this.#earliest;
  }

  /** Sets or, with `undefined`, clears an actor's timer. */
  set(kind: ActorKind, id: string, dueAt: number | undefined): void {
    const key = `${kind}/${id}`;
    const known = this.#due.get(key)?.[2];
    if (known === dueAt) return;
    if (dueAt === undefined) this.#due.delete(key);
    else this.#due.set(key, [kind, id, dueAt]);
    if (dueAt !== undefined && dueAt < this.#earliest) this.#earliest = dueAt;
    else if (known === this.#earliest) this.#earliest = this.#findEarliest();
  }

  /** The actors that are due at `time`, earliest first, then by id. */
  due(time: number): TimerJson[] {
    return [...this.#due.values()]
      .filter(([, , dueAt]) => dueAt <= time)
      .sort((a, b) => a[2] - b[2] || (a[1] < b[1] ? -1 : 1));
  }

  toJson(): TimerJson[] {
    return [...this.#due.values()];
  }

  #findEarliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const [, , dueAt] of this.#due.values()) {
      // None is earlier than what was the earliest: many actors may be due at the turn of a minute.
      if (dueAt === this.#earliest) return dueAt;
      if (dueAt < earliest) earliest = dueAt;
    }
    return earliest;
  }
}
