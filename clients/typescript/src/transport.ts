/** The connection: credentials, deadlines and retries, for every call of the client. */

import { randomUUID } from "node:crypto";
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  DescMessage,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { Transport as Wire } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { Deadline } from "./deadline.js";
import type { Endpoint } from "./endpoint.js";
import type { CallOptions } from "./options.js";
import { backoffMs, isRetryable, type RetryPolicy } from "./retry.js";
import { errorOf } from "./status.js";

// A page of 500 turns of 32 KiB is 16 MiB.
const MAX_RECEIVE_BYTES = 64 * 1024 * 1024;

// A balancer may have dropped a connection that was silent for minutes without a word; a ping
// finds out before a call is lost. gRPC servers end connections that ping more often than every
// five minutes.
const PINGS = { pingIntervalMs: 330_000 };

/** What a transport is made of. */
export interface TransportSettings {
  /** The server. */
  readonly endpoint: Endpoint;
  /** The key to send with each call. */
  readonly apiKey: string;
  /** The default deadline of a call. */
  readonly timeoutMs: number;
  /** When a failed call is tried again. */
  readonly retry: RetryPolicy;
  /** Draws a number from 0 to 1. */
  readonly jitter?: () => number;
}

/** Makes the calls of a client. Nothing is connected until the first. */
export class Transport {
  /** The server. */
  readonly endpoint: Endpoint;
  /** When a failed call is tried again. */
  readonly retry: RetryPolicy;
  /** The default deadline of a call. */
  readonly timeoutMs: number;
  readonly #jitter: () => number;
  readonly #header: Readonly<Record<string, string>>;
  readonly #connection: Http2SessionManager;
  readonly #wire: Wire;
  #closed = false;

  constructor({ endpoint, apiKey, timeoutMs, retry, jitter = Math.random }: TransportSettings) {
    this.endpoint = endpoint;
    this.retry = retry;
    this.timeoutMs = new Deadline(timeoutMs).timeoutMs;
    this.#jitter = jitter;
    this.#header = { authorization: `Bearer ${apiKey}` };
    const { baseUrl, rootCertificates, socketPath } = endpoint;
    this.#connection = new Http2SessionManager(baseUrl, PINGS, {
      ...(rootCertificates !== null && { ca: rootCertificates }),
      ...(socketPath !== null && { createConnection: () => connectSocket(socketPath) }),
    });
    this.#wire = createGrpcTransport({
      baseUrl,
      sessionManager: this.#connection,
      readMaxBytes: MAX_RECEIVE_BYTES,
    });
  }

  /** Returns the given request id, or a new one: it makes a change safe to retry. */
  requestId(given: string | undefined): string {
    return given ?? randomUUID();
  }

  /**
   * Starts a deadline: the given time from now, or the client's default.
   *
   * @throws RangeError if the time is not positive.
   */
  deadline(timeoutMs: number | undefined): Deadline {
    return new Deadline(timeoutMs ?? this.timeoutMs);
  }

  /**
   * Makes a call that takes one message and returns one.
   *
   * @param method - The method.
   * @param request - What to send.
   * @param options - Its deadline and signal, and whether it may be repeated.
   * @returns The answer.
   * @throws SpectronError if the call failed, after all retries.
   */
  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    { timeoutMs, signal, retry = true }: CallOptions & { retry?: boolean },
  ): Promise<MessageShape<O>> {
    const deadline = this.deadline(timeoutMs);
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      try {
        const response = await this.#open().unary(
          method,
          signal,
          deadline.remainingMs,
          this.#header,
          request,
        );
        return response.message;
      } catch (failure) {
        const error = this.errorOf(failure, signal);
        if (!retry || attempt >= this.retry.maxAttempts) throw error;
        await this.pauseOrThrow(error, attempt, deadline, signal);
      }
    }
  }

  /**
   * Makes a call that returns many messages; retried only until the first has come.
   *
   * @param method - The method.
   * @param request - What to send.
   * @param options - The deadline of the whole stream, and its signal.
   * @throws SpectronError if the call failed.
   */
  async *stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    { timeoutMs, signal }: CallOptions,
  ): AsyncGenerator<MessageShape<O>, void, undefined> {
    const deadline = this.deadline(timeoutMs);
    const left = new AbortController();
    const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
    let started = false;
    try {
      for (let attempt = 1; ; attempt += 1) {
        signal?.throwIfAborted();
        try {
          const requests = oneOf(request);
          for await (const message of this.duplex(method, requests, either, deadline)) {
            started = true;
            yield message;
          }
          return;
        } catch (failure) {
          const error = this.errorOf(failure, signal);
          if (started || attempt >= this.retry.maxAttempts) throw error;
          await this.pauseOrThrow(error, attempt, deadline, signal);
        }
      }
    } finally {
      // A reader that stops early must not leave the server sending.
      left.abort();
    }
  }

  /**
   * Makes a call that sends many messages and returns one; never retried.
   *
   * @param method - The method.
   * @param requests - What to send; what it throws cancels the call and reaches the caller.
   * @param options - The deadline of the whole stream, and its signal.
   * @returns The answer.
   * @throws SpectronError if the call failed.
   */
  async upload<I extends DescMessage, O extends DescMessage>(
    method: DescMethodClientStreaming<I, O>,
    requests: AsyncIterable<MessageInitShape<I>>,
    { timeoutMs, signal }: CallOptions,
  ): Promise<MessageShape<O>> {
    const deadline = this.deadline(timeoutMs);
    const source = new WatchedSource(requests);
    let answer: MessageShape<O> | undefined;
    try {
      for await (const message of this.duplex(method, source, signal, deadline)) {
        answer = message;
      }
    } catch (failure) {
      if (source.failed) throw source.failure;
      throw this.errorOf(failure, signal);
    }
    if (answer === undefined) throw this.errorOf(new Error("the answer is missing"), signal);
    return answer;
  }

  /**
   * Opens a stream both ways, once, and yields what comes. Errors are the transport's own:
   * `errorOf` converts them.
   *
   * @param method - The method.
   * @param requests - What to send, as it comes; its end half-closes the stream.
   * @param signal - Breaks the stream off.
   * @param deadline - The deadline of the whole stream; absent: none.
   */
  async *duplex<I extends DescMessage, O extends DescMessage>(
    method:
      | DescMethodBiDiStreaming<I, O>
      | DescMethodServerStreaming<I, O>
      | DescMethodClientStreaming<I, O>,
    requests: AsyncIterable<MessageInitShape<I>>,
    signal: AbortSignal | undefined,
    deadline?: Deadline,
  ): AsyncGenerator<MessageShape<O>, void, undefined> {
    const response = await this.#open().stream(
      method,
      signal,
      // Zero stands for no deadline.
      deadline?.remainingMs ?? 0,
      this.#header,
      requests,
    );
    yield* response.message;
  }

  /**
   * Returns what a caller is to get for a failure: the reason of the signal that was given up,
   * as `fetch` does, or else a typed error.
   */
  errorOf(failure: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    return this.#closed ? new Error("this client is closed") : errorOf(failure, this.endpoint);
  }

  /**
   * Waits until the next attempt is due.
   *
   * @param error - How the attempt failed.
   * @param attempt - Its number, from 1.
   * @param deadline - The deadline of all attempts.
   * @param signal - Gives the call up.
   * @throws the error, if there is no next attempt.
   */
  async pauseOrThrow(
    error: unknown,
    attempt: number,
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (!isRetryable(error)) throw error;
    await this.pause(error, attempt, deadline, signal);
  }

  /** As `pauseOrThrow`, for an error after which there may be a next attempt. */
  async pause(
    error: unknown,
    attempt: number,
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const pauseMs = backoffMs(this.retry, attempt, this.#jitter());
    if (pauseMs >= deadline.remainingMs) throw error;
    try {
      await sleep(pauseMs, undefined, { signal });
    } catch {
      // Only the signal ends a pause early.
      throw signal?.reason;
    }
  }

  /** Closes the connection for good. Calls under way are cancelled. */
  close(): void {
    this.#closed = true;
    this.#connection.abort();
  }

  #open(): Wire {
    if (this.#closed) throw new Error("this client is closed");
    return this.#wire;
  }
}

async function* oneOf<Item>(item: Item): AsyncGenerator<Item, void, undefined> {
  yield await Promise.resolve(item);
}

/** Passes on what a source yields, and remembers what it threw. */
class WatchedSource<Item> implements AsyncIterable<Item> {
  failed = false;
  failure: unknown;
  readonly #source: AsyncIterable<Item>;

  constructor(source: AsyncIterable<Item>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    try {
      yield* this.#source;
    } catch (error) {
      this.failed = true;
      this.failure = error;
      throw error;
    }
  }
}
