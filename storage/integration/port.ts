/**
 * Events that other systems send in. Each is handed over at least once, and again until it is taken: whoever
 * takes it must be able to bear repeats.
 */

/** What became of an event. `refused`: it is wrong as it is, and will not be handed over again. */
export type Taken = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly reason: string };

/** Takes an event, as it was sent. An error: not now; it is handed over again. */
export type Taker = (event: unknown) => Promise<Taken>;

export interface IntegrationFeed {
  /**
   * Hands events over, one after the other, until the result is called; that resolves when the one under way is
   * done. Several processes may take events of one feed: each event is handed to one of them at a time.
   */
  take(taker: Taker): () => Promise<void>;

  /**
   * Sends an event in, and resolves once it is kept.
   *
   * @param type what it is of: dotted words
   * @throws TurnpikeError `unavailable`, `deadline_exceeded`
   */
  send(type: string, event: unknown): Promise<void>;

  close(): Promise<void>;
}
