/** A moment by which something must be done, on the monotonic clock. */

export class Deadline {
  readonly timeoutMs: number;
  readonly #end: number;

  constructor(timeoutMs: number) {
    this.timeoutMs = checkedTimeout(timeoutMs);
    this.#end = performance.now() + timeoutMs;
  }

  /** The time left, never less than a millisecond: a call takes no deadline in the past. */
  get remainingMs(): number {
    return Math.max(1, Math.ceil(this.#end - performance.now()));
  }

  /** Whether no time is left. */
  get passed(): boolean {
    return performance.now() >= this.#end;
  }
}

// Node's timers fire at once when they are asked for more than 2^31 - 1 milliseconds.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Returns a timeout.
 *
 * @throws RangeError if it is not positive, or longer than a timer can wait.
 */
export function checkedTimeout(timeoutMs: number): number {
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new RangeError(`timeoutMs must be greater than 0 and at most ${LONGEST_TIMEOUT_MS}`);
  }
  return timeoutMs;
}
