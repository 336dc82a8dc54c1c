/** What every call takes besides its own arguments. */

/** Options of any call. */
export interface CallOptions {
  /** The deadline of the call with all its retries; absent: the client's default. */
  timeoutMs?: number | undefined;
  /** Gives the call up: it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Options of a call that changes something. */
export interface ChangeOptions extends CallOptions {
  /** Makes repeated calls one; absent: a new id. */
  requestId?: string | undefined;
}

/** Options of a call that lists. */
export interface ListOptions extends CallOptions {
  /** At most this many items; absent: 10,000. The deadline is that of each page. */
  limit?: number | undefined;
}

/** Whose memory: dimensions and their values, such as `{ user: "alice" }`. */
export type Scope = Readonly<Record<string, string>>;
