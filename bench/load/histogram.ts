/** How long answers took, in steps of 20 µs up to two seconds: small, and quick to add to. */

const STEP_MS = 0.02;
const STEPS = 100_000;

export class Histogram {
  readonly #counts = new Uint32Array(STEPS);
  #total = 0;
  #most = 0;

  add(ms: number): void {
    const step = Math.min(STEPS - 1, Math.floor(ms / STEP_MS));
    this.#counts[step] = (this.#counts[step] as number) + 1;
    this.#total++;
    if (ms > this.#most) this.#most = ms;
  }

  get most(): number {
    return this.#most;
  }

  /** Milliseconds that a share of all do not exceed; 0 if there are none. */
  percentile(share: number): number {
    let left = Math.ceil(share * this.#total);
    if (left === 0) return 0;
    for (let step = 0; step < STEPS; step++) {
      left -= this.#counts[step] as number;
      if (left <= 0) return (step + 1) * STEP_MS;
    }
    return this.#most;
  }
}
