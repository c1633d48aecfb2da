/**
 * The last sequences of partitions, always asked of the server: reads are current. Those who ask at the
 * same time share a question, but only one that was put after they came.
 */
import type { NatsLink } from '../nats/link.ts';
import { streamName } from './jetstream-streams.ts';

interface Questions {
  /** Under way: too old for who comes now. */
  readonly asked: Promise<number>;
  /** What is asked next. */
  next: Promise<number> | undefined;
}

export class JetStreamTails {
  readonly #link: NatsLink;
  readonly #cluster: string;
  readonly #questions = new Map<number, Questions>();

  constructor(link: NatsLink, cluster: string) {
    this.#link = link;
    this.#cluster = cluster;
  }

  /** @throws TurnpikeError `unavailable` */
  last(partition: number): Promise<number> {
    const questions = this.#questions.get(partition);
    if (!questions) return this.#ask(partition);
    questions.next ??= questions.asked.then(
      () => this.#ask(partition),
      () => this.#ask(partition),
    );
    return questions.next;
  }

  #ask(partition: number): Promise<number> {
    const asked = this.#lastOf(streamName(this.#cluster, partition)).finally(() => {
      if (this.#questions.get(partition)?.asked === asked) this.#questions.delete(partition);
    });
    this.#questions.set(partition, { asked, next: undefined });
    return asked;
  }

  async #lastOf(stream: string): Promise<number> {
    const { state } = await this.#link.ask(`the stream ${stream} does not tell its last sequence`, () =>
      this.#link.manager.streams.info(stream),
    );
    return state.last_seq;
  }
}
