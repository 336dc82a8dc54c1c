/** When a failed call is tried again, and after how long. */

import {
  CancelledError,
  DeadlineExceededError,
  ResourceExhaustedError,
  SpectronError,
  type StatusCode,
  UnavailableError,
} from "./errors.js";

// What a proxy or the network may make of a stream that it cuts.
const CUT: readonly StatusCode[] = ["CANCELLED", "INTERNAL", "UNKNOWN"];

/**
 * Exponential backoff with full jitter.
 *
 * A call is tried again if the server could not be reached, or said that it is overloaded. That
 * is safe for changes too: the client sends each with a `request_id`, and the server answers a
 * repeated id with its first answer. The call's deadline bounds all attempts together.
 *
 * Full jitter draws each pause evenly between zero and its bound, which spreads the clients of a
 * server that comes back
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export interface RetryPolicy {
  /** How many times a call is tried, the first included. 1: no retries. */
  readonly maxAttempts: number;
  /** The bound of the pause before the second attempt. */
  readonly initialBackoffMs: number;
  /** How much the bound grows with each attempt. */
  readonly multiplier: number;
  /** The bound's own bound. */
  readonly maxBackoffMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 6,
  initialBackoffMs: 200,
  multiplier: 2,
  maxBackoffMs: 5_000,
};

/**
 * Fills a policy up with the defaults.
 *
 * @throws RangeError if it would never pause, never end or never try.
 */
export function checkedPolicy(given: Partial<RetryPolicy>): RetryPolicy {
  const policy = { ...DEFAULT_RETRY, ...given };
  if (!(policy.maxAttempts >= 1)) {
    throw new RangeError("retry.maxAttempts must be at least 1");
  }
  if (!(policy.initialBackoffMs > 0 && policy.maxBackoffMs >= policy.initialBackoffMs)) {
    throw new RangeError("retry: 0 < initialBackoffMs <= maxBackoffMs must hold");
  }
  if (!(policy.multiplier >= 1)) {
    throw new RangeError("retry.multiplier must be at least 1");
  }
  return policy;
}

/**
 * Returns the pause after a failed attempt, in milliseconds.
 *
 * @param policy - The bounds.
 * @param attempt - The attempt's number, from 1.
 * @param jitter - A random number from 0 to 1.
 */
export function backoffMs(policy: RetryPolicy, attempt: number, jitter: number): number {
  const grown = policy.initialBackoffMs * policy.multiplier ** (attempt - 1);
  return Math.min(policy.maxBackoffMs, grown) * jitter;
}

/**
 * Tells whether the same call may succeed a little later.
 *
 * A server that stops may cut off a call that it has taken and not begun: that is cancelled
 * without a reason, and without anybody here having asked for it.
 */
export function isRetryable(error: unknown): boolean {
  return (
    error instanceof UnavailableError ||
    (error instanceof ResourceExhaustedError && error.reason === "OVERLOADED") ||
    (error instanceof CancelledError && error.reason === "UNSPECIFIED")
  );
}

/**
 * Tells whether a stream that ended with an error may be opened again.
 *
 * Beside what may succeed a little later, that is what says of the stream only: that it was not
 * read in time, or that a proxy or the network cut it, which no server of ours gave a reason for.
 */
export function mayReconnect(error: unknown): boolean {
  return (
    isRetryable(error) ||
    error instanceof DeadlineExceededError ||
    (error instanceof SpectronError && error.reason === "UNSPECIFIED" && CUT.includes(error.code))
  );
}
