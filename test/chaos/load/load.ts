/** The load of a run: clients that send, each on its own, at a common pace. */
import { Pace } from '../../../cli/traffic/pace.ts';
import { type CollectorClients, Lane } from './collector-clients.ts';
import type { LoadRequest } from './requests.ts';
import type { Traffic } from './traffic.ts';

const LANES = 24;
/** Longer than the collector itself may take. */
export const PATIENT_MS = 12_000;
/** Some clients are patient and some are not. */
export const USUAL_TIMEOUTS_MS: readonly number[] = [1_500, 4_000, PATIENT_MS];

export class Load {
  readonly #clients: CollectorClients;
  readonly #traffic: Traffic;
  readonly #pace: Pace;
  readonly #lanes: Lane[];
  #isOver = false;
  #done: Promise<unknown> = Promise.resolve();

  /** @param timeoutsMs how long clients wait for an answer: some this long, some that long */
  constructor(
    clients: CollectorClients,
    traffic: Traffic,
    eventsPerSecond: number,
    timeoutsMs: readonly number[],
  ) {
    this.#clients = clients;
    this.#traffic = traffic;
    this.#pace = new Pace(eventsPerSecond);
    this.#lanes = Array.from({ length: LANES }, (_, number) => {
      // Each collector is the usual one of clients of each patience.
      const step = Math.floor((number * timeoutsMs.length) / LANES);
      return new Lane(number, timeoutsMs[step] as number);
    });
  }

  start(): void {
    this.#done = Promise.all(this.#lanes.map((lane) => this.#run(lane)));
  }

  /** No new events; resolves once all that were sent are answered. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  /** Sends requests of one's own, beside the others. */
  async sendAll(requests: readonly LoadRequest[]): Promise<void> {
    const left = [...requests];
    await Promise.all(
      this.#lanes.map(async (lane) => {
        for (let next = left.pop(); next !== undefined; next = left.pop()) await this.#deliver(next, lane);
      }),
    );
  }

  async #run(lane: Lane): Promise<void> {
    while (!this.#isOver) {
      const request = this.#traffic.next();
      const delayMs = this.#pace.delayMs(request.events.length);
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      await this.#deliver(request, lane);
    }
  }

  async #deliver(request: LoadRequest, lane: Lane): Promise<void> {
    const answers = await this.#clients.deliver(request, lane);
    if (answers) this.#traffic.learn(request, answers);
  }
}
