/** The deduplication filter as a plain table: slow, and plainly right. */
import { Claim } from '../../../storage/dedup/port.ts';

interface Held {
  readonly token: string;
  readonly until: number;
  readonly confirmed: boolean;
}

export class FilterModel {
  readonly #held = new Map<number, Held>();
  readonly #pendingMs: number;

  constructor(pendingMs: number) {
    this.#pendingMs = pendingMs;
  }

  claim(keys: readonly number[], token: string, now: number): number[] {
    const seen = new Set<number>();
    return keys.map((key) => {
      const held = this.#held.get(key);
      if (seen.has(key) || held?.confirmed) return Claim.duplicate;
      seen.add(key);
      if (held && held.token !== token && now < held.until) return Claim.uncertain;
      this.#held.set(key, { token, until: now + this.#pendingMs, confirmed: false });
      return Claim.new;
    });
  }

  confirm(keys: readonly number[], token: string, now: number): void {
    for (const key of keys) {
      const held = this.#own(key, token, now);
      if (held) this.#held.set(key, { ...held, confirmed: true });
    }
  }

  release(keys: readonly number[], token: string, now: number): void {
    for (const key of keys) if (this.#own(key, token, now)) this.#held.delete(key);
  }

  #own(key: number, token: string, now: number): Held | undefined {
    const held = this.#held.get(key);
    return held && !held.confirmed && held.token === token && now < held.until ? held : undefined;
  }
}
