/** A client of the live feed that waits for what a campaign has accepted. */
import { LiveClient, type LiveMessage } from '../test/support/live-client.ts';
import { WrongCount } from './benchmark.ts';

/** Milliseconds after which what was answered must be on the feed, or the run has failed. */
const PATIENCE_MS = 20_000;

interface Waiting {
  readonly accepted: number;
  readonly resolve: () => void;
}

export class FollowedFeed implements Disposable {
  readonly #client: LiveClient;
  #accepted = 0;
  #waiting: Waiting[] = [];

  private constructor(address: string, campaignId: string) {
    this.#client = new LiveClient(address, `/v1/campaigns/${campaignId}/live`, {}, (message) =>
      this.#hear(message),
    );
  }

  /** Connects. @param address `http://127.0.0.1:8081` */
  static async open(address: string, campaignId: string): Promise<FollowedFeed> {
    const feed = new FollowedFeed(address, campaignId);
    await feed.#client.opened();
    return feed;
  }

  /** Messages so far. */
  get heard(): number {
    return this.#client.messages.length;
  }

  /** Resolves when the feed tells that the campaign has accepted so many. @throws WrongCount if it never does */
  async until(accepted: number): Promise<{ readonly accepted: number }> {
    if (this.#accepted < accepted) {
      let patience: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push({ accepted, resolve });
        patience = setTimeout(
          () => reject(new WrongCount('events on the live feed', accepted, this.#accepted)),
          PATIENCE_MS,
        );
      });
      clearTimeout(patience);
    }
    return { accepted: this.#accepted };
  }

  #hear({ data }: LiveMessage): void {
    this.#accepted = data.accepted;
    const seen = this.#waiting.filter(({ accepted }) => accepted <= this.#accepted);
    this.#waiting = this.#waiting.filter(({ accepted }) => accepted > this.#accepted);
    for (const { resolve } of seen) resolve();
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}
