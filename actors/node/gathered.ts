/**
 * What goes to another thread together. A message costs both threads a wake-up, however small it is: questions
 * and replies, of which many are under way at a time, are gathered as long as each turn brings more of them.
 * Measured on a busy machine by `GetCampaign` over REST, 32 connections: 127 µs of CPU one by one, 98 by single turns
 * of the event loop, 86 like this. A question alone waits for the end of its turn.
 */

/** Turns that the first of them waits at most. */
const MOST_TURNS = 4;

export class Gathered<Item> {
  readonly #afterTurn: (look: () => void) => void;
  readonly #send: (items: readonly Item[]) => void;
  #items: Item[] = [];
  #isLooking = false;

  /**
   * @param afterTurn calls what it is given once those that come in this turn are there
   * @param send is given what was gathered, in order
   */
  constructor(afterTurn: (look: () => void) => void, send: (items: readonly Item[]) => void) {
    this.#afterTurn = afterTurn;
    this.#send = send;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#look(this.#items.length, 1);
  }

  /** Sends what is there now, so that nothing that is sent afterwards overtakes it. */
  flush(): void {
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#send(items);
  }

  #look(seen: number, turns: number): void {
    this.#afterTurn(() => {
      const { length } = this.#items;
      if (length > seen && turns < MOST_TURNS) {
        this.#look(length, turns + 1);
        return;
      }
      this.#isLooking = false;
      this.flush();
    });
  }
}
