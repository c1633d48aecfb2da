/**
 * Calls between the processes of a cluster: questions to whoever works a partition, and news for all who
 * listen. Nothing here is durable, and nothing depends on it but how current an answer is: what must not
 * be lost goes through the log.
 *
 * Questions, answers and news are plain data, as `structuredClone` takes it.
 */

export type Answer = (question: unknown) => Promise<unknown>;

export interface Calls {
  /**
   * Answers the questions about a partition until the result is called. While a partition changes hands
   * two may serve it: whoever answers first is heard.
   */
  serve(partition: number, answer: Answer): () => void;

  /**
   * Asks whoever serves a partition. A question may be put to several of them, and more than once.
   *
   * @param withinMs milliseconds until the wait is given up
   * @throws TurnpikeError `unavailable` if nobody serves the partition; `deadline_exceeded` if nobody
   *   answers in time; whatever failure the answer was
   */
  ask(partition: number, question: unknown, withinMs: number): Promise<unknown>;

  /** Tells news to all who listen now. They may miss it. */
  announce(news: unknown): void;

  /** Hears news, its own process' too, until the result is called. */
  listen(hear: (news: unknown) => void): () => void;

  close(): Promise<void>;
}
