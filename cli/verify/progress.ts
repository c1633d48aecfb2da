/** Says on the standard error how far a long verification is. */

const LINE_MS = 2_000;

export class VerifyProgress implements Disposable {
  readonly #output: NodeJS.WritableStream;
  readonly #partitions: number;
  readonly #timer: NodeJS.Timeout;
  #partition = 0;
  #done = 0;
  #records = 0;
  #sequences = 1;
  #events = 0;
  #eventsBefore = 0;
  #before = performance.now();

  /** @param partitions how many partitions are verified */
  constructor(partitions: number, output: NodeJS.WritableStream) {
    this.#partitions = partitions;
    this.#output = output;
    this.#timer = setInterval(() => this.#tell(), LINE_MS);
    this.#timer.unref();
  }

  /** A partition is begun. */
  begin(partition: number): void {
    this.#partition = partition;
    this.#done++;
    this.#records = 0;
    this.#sequences = 1;
  }

  /** Records were read, of about `sequences` in the partition. */
  readonly read = (records: number, events: number, sequences: number): void => {
    this.#records += records;
    this.#events += events;
    this.#sequences = sequences;
  };

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const now = performance.now();
    const rate = Math.round(((this.#events - this.#eventsBefore) / Math.max(1, now - this.#before)) * 1_000);
    this.#eventsBefore = this.#events;
    this.#before = now;
    const percent = Math.min(100, Math.floor((this.#records / this.#sequences) * 100));
    const numbers = [this.#events, rate].map((value) => value.toLocaleString('en-US'));
    this.#output.write(
      `verify  partition ${this.#partition} (${this.#done} of ${this.#partitions}) ${percent} %  ` +
        `${numbers[0]} events, ${numbers[1]}/s\n`,
    );
  }
}
