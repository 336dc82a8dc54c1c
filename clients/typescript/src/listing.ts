/** Lists of any length: awaited as an array, or walked page by page. */

export const DEFAULT_LIMIT = 10_000;
// Pages of this size keep a page of the longest turns (32 KiB each) at a few MiB.
export const PAGE_SIZE = 200;

/** A page: its items, and the token of the next page, which is empty after the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string;
}

/**
 * The items that a call lists, fetched in pages as they are needed.
 *
 * `await listing` gives them all as an array; `for await (const item of listing)` fetches no more
 * pages than it reads. Either gives at most `limit` items.
 */
export class Listing<Item> implements PromiseLike<Item[]>, AsyncIterable<Item> {
  readonly #fetch: (pageSize: number, pageToken: string) => Promise<Page<Item>>;
  readonly #limit: number;

  /**
   * Describes the list; nothing is fetched yet.
   *
   * @param fetch - Takes a page size and a page token, and returns the page.
   * @param limit - At most this many items.
   * @throws RangeError if the limit is not positive.
   */
  constructor(
    fetch: (pageSize: number, pageToken: string) => Promise<Page<Item>>,
    limit: number = DEFAULT_LIMIT,
  ) {
    if (!(limit >= 1)) throw new RangeError("limit must be at least 1");
    this.#fetch = fetch;
    this.#limit = limit;
  }

  then<Result = Item[], Failure = never>(
    fulfilled?: ((items: Item[]) => Result | PromiseLike<Result>) | null,
    rejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    return this.#all().then(fulfilled, rejected);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    const pageSize = Math.min(this.#limit, PAGE_SIZE);
    let remaining = this.#limit;
    let token = "";
    do {
      const page = await this.#fetch(pageSize, token);
      yield* page.items.slice(0, remaining);
      remaining -= page.items.length;
      token = page.nextPageToken;
    } while (remaining > 0 && token !== "");
  }

  async #all(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this) items.push(item);
    return items;
  }
}
