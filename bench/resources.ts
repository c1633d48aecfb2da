/** What was started and must be ended, in the opposite order, whatever happens. */
export class Resources implements AsyncDisposable {
  readonly #held: (Disposable | AsyncDisposable)[] = [];

  /** Takes something over. */
  use<Resource extends Disposable | AsyncDisposable>(resource: Resource): Resource {
    this.#held.push(resource);
    return resource;
  }

  /**
   * Takes over what is being started at the same time, once all of it has been.
   *
   * @throws the first failure; what did start is held nevertheless
   */
  async useAll<const Starting extends readonly Promise<Disposable | AsyncDisposable>[]>(
    starting: Starting,
  ): Promise<{ readonly [Index in keyof Starting]: Awaited<Starting[Index]> }> {
    for (const outcome of await Promise.allSettled(starting))
      if (outcome.status === 'fulfilled') this.use(outcome.value);
    return Promise.all(starting);
  }

  /** Gives up what is held: it is somebody else's from now on. */
  release(): void {
    this.#held.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (const resource of this.#held.splice(0).reverse()) {
      try {
        if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
        else resource[Symbol.dispose]();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be ended');
  }
}
