/** What went wrong and how long it took until everything worked again. */
import type { Canaries } from '../load/canaries.ts';
import type { Ledger } from '../load/ledger.ts';
import type { FaultKind } from './kinds.ts';

export interface FaultRecord {
  readonly name: string;
  readonly hitsOwner: boolean;
  /** Milliseconds from the fault until canaries were through; `undefined`: not at all. */
  recoveryMs: number | undefined;
}

export class Recoveries {
  readonly #canaries: Canaries;
  readonly #ledger: Ledger;
  readonly faults: FaultRecord[] = [];
  readonly #flights = new Set<Promise<void>>();

  constructor(canaries: Canaries, ledger: Ledger) {
    this.#canaries = canaries;
    this.#ledger = ledger;
  }

  /** A fault has just begun. */
  begun({ name, hitsOwner }: FaultKind): void {
    const begin = performance.now();
    const record: FaultRecord = { name, hitsOwner, recoveryMs: undefined };
    this.faults.push(record);
    const flight = this.#canaries
      .fly()
      .then(
        () => {
          record.recoveryMs = performance.now() - begin;
        },
        (error: unknown) => this.#ledger.complain(`no recovery from ${name}: ${String(error)}`),
      )
      .finally(() => this.#flights.delete(flight));
    this.#flights.add(flight);
  }

  /** Resolves when all canaries are through, or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#flights);
  }

  /** The longest recovery from a fault that took a partition's owner away. */
  get longestMs(): number {
    const owners = this.faults.filter(({ hitsOwner }) => hitsOwner);
    return Math.max(0, ...owners.map(({ recoveryMs }) => recoveryMs ?? 0));
  }
}
