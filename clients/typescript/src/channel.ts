/** Values on their way from one part of the client to another, in order. */

/**
 * A queue that one reader walks with `for await`, until it ends or fails.
 *
 * Writers do not wait: what flows through a channel here is bounded by the limits of the API, a
 * reply of 32 KiB and a handful of frames for each message.
 */
export class Channel<Item> implements AsyncIterableIterator<Item, void, undefined> {
  readonly #items: Item[] = [];
  readonly #readers: {
    resolve: (result: IteratorResult<Item, void>) => void;
    reject: (reason: unknown) => void;
  }[] = [];
  #ended = false;
  #failure: { readonly reason: unknown } | null = null;

  /** Adds an item; after the end, it is dropped. */
  push(item: Item): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ done: false, value: item });
    else this.#items.push(item);
  }

  /** Ends the channel: the reader gets what is left, and then its end. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }

  /** Ends the channel with a failure, which the reader gets after what is left. */
  fail(reason: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const reader = this.#readers.shift();
    if (reader) reader.reject(reason);
    else this.#failure = { reason };
    this.end();
  }

  next(): Promise<IteratorResult<Item, void>> {
    if (this.#items.length > 0) {
      return Promise.resolve({ done: false, value: this.#items.shift() as Item });
    }
    if (this.#failure) {
      const { reason } = this.#failure;
      this.#failure = null;
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came.
      return Promise.reject(reason);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** Ends the channel, when its reader leaves. */
  return(): Promise<IteratorResult<Item, void>> {
    this.#items.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the channel, when its reader fails. */
  throw(): Promise<IteratorResult<Item, void>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
