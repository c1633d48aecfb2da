/** The simulated filter: a server that may forget everything, and the filter as a process sees it. */
import { Claim, type Dedup, type DedupKeys } from '../../../storage/dedup/port.ts';
import type { SimulatedProcess } from '../process.ts';
import { Service } from '../service.ts';
import type { World } from '../world.ts';

const WORDS = 3;
const CLAIM_MS = 30_000;
const TIMEOUT_MS = 100;

interface Entry {
  readonly token: string;
  readonly isConfirmed: boolean;
  readonly expiresAt: number;
}

export class DedupServer extends Service {
  readonly #entries = new Map<string, Entry>();

  constructor(world: World) {
    super(world, 'filter', TIMEOUT_MS);
  }

  forgetAll(): void {
    this.world.note(this.name, 'FORGETS EVERYTHING');
    this.#entries.clear();
  }

  #claim(keys: readonly string[], token: string): Uint8Array {
    const { now } = this.world;
    const seen = new Set<string>();
    return Uint8Array.from(keys, (key) => {
      if (seen.has(key)) return Claim.duplicate;
      seen.add(key);
      const held = this.#entries.get(key);
      if (held?.isConfirmed) return Claim.duplicate;
      if (held && held.token !== token && now < held.expiresAt) return Claim.uncertain;
      this.#entries.set(key, { token, isConfirmed: false, expiresAt: now + CLAIM_MS });
      return Claim.new;
    });
  }

  #confirm(keys: readonly string[], token: string): void {
    for (const key of keys) {
      const held = this.#entries.get(key);
      if (held?.token === token) this.#entries.set(key, { ...held, isConfirmed: true });
    }
  }

  #release(keys: readonly string[], token: string): void {
    for (const key of keys) {
      const held = this.#entries.get(key);
      if (held?.token === token && !held.isConfirmed) this.#entries.delete(key);
    }
  }

  /** The filter as a process sees it. */
  handle(process: SimulatedProcess): Dedup {
    const ask = <T>(what: string, effect: () => T, otherwise: T): Promise<T> =>
      this.ask(process, () => `${what} of ${process.name}`, effect, true).catch(() => otherwise);
    return {
      isReachable: true,
      claim: (keys, token) => {
        const texts = textsOf(keys);
        const unsure = new Uint8Array(texts.length).fill(Claim.uncertain);
        return ask('claim', () => this.#claim(texts, token), unsure);
      },
      confirm: (keys, token) => {
        const texts = textsOf(keys);
        return ask('confirm', () => this.#confirm(texts, token), undefined);
      },
      release: (keys, token) => {
        const texts = textsOf(keys);
        return ask('release', () => this.#release(texts, token), undefined);
      },
      close: async () => undefined,
    };
  }
}

/** Keys as text: the caller may use their memory again. */
function textsOf(keys: DedupKeys): string[] {
  const texts: string[] = [];
  for (let at = 0; at < keys.length; at += WORDS) texts.push(keys.subarray(at, at + WORDS).join(' '));
  return texts;
}
