/** What became of the rows of a file. */

/** Lines that are named for each reason. */
const LINES_SHOWN = 5;
/** Reasons that are told apart; they may quote what a row holds. */
const REASONS_KEPT = 100;

interface Refusals {
  count: number;
  readonly lines: number[];
}

export class Tally {
  accepted = 0;
  duplicates = 0;
  pending = 0;
  rejected = 0;
  readonly #reasons = new Map<string, Refusals>();

  /** Rows whose fate is known. */
  get rows(): number {
    return this.accepted + this.duplicates + this.pending + this.rejected;
  }

  reject(line: number, reason: string): void {
    this.rejected++;
    const known = this.#reasons.has(reason) || this.#reasons.size < REASONS_KEPT;
    const key = known ? reason : 'other reasons';
    const refusals = this.#reasons.get(key) ?? { count: 0, lines: [] };
    refusals.count++;
    if (refusals.lines.length < LINES_SHOWN) refusals.lines.push(line);
    this.#reasons.set(key, refusals);
  }

  /** One line for each reason, the most frequent first: `12 × unknown_campaign (lines 3, 8, 9, 14, 20, …)`. */
  reasons(): string[] {
    return [...this.#reasons]
      .sort(([, left], [, right]) => right.count - left.count)
      .map(([reason, { count, lines }]) => {
        const more = count > lines.length ? ', …' : '';
        return `${count} × ${reason} (line${lines.length > 1 ? 's' : ''} ${lines.join(', ')}${more})`;
      });
  }
}
