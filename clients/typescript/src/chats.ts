/**
 * The chats of one session: each message is played to its end, over as many streams as it takes.
 *
 * A stream lives as long as its message. An open stream keeps Node running, and an idle one would
 * keep a program from ending; opening one costs a round trip. Messages of a session are sent in
 * the order in which they are given: the next waits until the user's turn of the one before is on
 * disk.
 *
 * A message whose stream breaks is sent again with the same id on another one, which the server
 * answers with what it has. Until the server has answered at all, it is tried as often as any
 * call; from then on, since the message may be under way, until its deadline.
 */

import { Channel } from "./channel.js";
import { longestChatMs, type ChatEvent, type ChatOptions, type UserMessage } from "./chat.js";
import { type Frame, openFrame } from "./chat-frames.js";
import { MessageRun } from "./chat-message.js";
import { type Ending, playOnStream } from "./chat-stream.js";
import { checkedTimeout, type Deadline } from "./deadline.js";
import { CancelledError, DeadlineExceededError } from "./errors.js";
import type { SessionInfo } from "./conversation.js";
import { isRetryable, mayReconnect } from "./retry.js";
import type { Transport } from "./transport.js";

/** Sends the messages of a session. */
export class Chats {
  readonly #transport: Transport;
  readonly #options: ChatOptions;
  readonly #opening: Frame;
  readonly #onSession: (session: SessionInfo) => void;
  /** Settled when the user's turns of all messages so far are on disk, or given up. */
  #recorded: Promise<void> = Promise.resolve();

  /**
   * @param transport - Makes the calls.
   * @param contextId - The session's context.
   * @param sessionId - The session.
   * @param options - How it chats.
   * @param onSession - Called with the session as it is after a message.
   * @throws TypeError if `agentFn` is no function.
   */
  constructor(
    transport: Transport,
    contextId: string,
    sessionId: string,
    options: ChatOptions,
    onSession: (session: SessionInfo) => void,
  ) {
    if (options.agentFn !== undefined && typeof options.agentFn !== "function") {
      throw new TypeError(`agentFn must be a function, not ${typeof options.agentFn}`);
    }
    this.#transport = transport;
    this.#options = options;
    this.#opening = openFrame(contextId, sessionId, options);
    this.#onSession = onSession;
  }

  /**
   * Sends a message, and yields what happens to it until it is done.
   *
   * Leaving early gives the message up.
   */
  async *converse(given: UserMessage): AsyncGenerator<ChatEvent, void, undefined> {
    const { content, signal } = given;
    const deadline = this.#transport.deadline(
      given.timeoutMs ?? longestChatMs(this.#options) + this.#transport.timeoutMs,
    );
    const id = this.#transport.requestId(given.messageId);
    signal?.throwIfAborted();
    const giveUp = new AbortController();
    const alarm = setTimeout(() => {
      giveUp.abort(tooLate(id, deadline));
    }, checkedTimeout(deadline.timeoutMs));
    const abort = (): void => {
      giveUp.abort(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    const events = new Channel<ChatEvent>();
    const before = this.#recorded;
    const place = new Place();
    this.#recorded = before.then(() => place.free);
    const message = new MessageRun(id, content, this.#options.agentFn, events, () => {
      place.leave();
    });
    const playing = this.#play(message, before, deadline, giveUp.signal).then(
      () => {
        events.end();
      },
      (error: unknown) => {
        events.fail(error);
      },
    );
    try {
      yield* events;
    } finally {
      giveUp.abort(new CancelledError("the message was given up", { code: "CANCELLED" }));
      message.leave(giveUp.signal.reason);
      place.leave();
      clearTimeout(alarm);
      signal?.removeEventListener("abort", abort);
      await playing;
    }
  }

  /** Plays a message to its end, or throws what ended it. */
  async #play(
    message: MessageRun,
    before: Promise<void>,
    deadline: Deadline,
    giveUp: AbortSignal,
  ): Promise<void> {
    await unlessAborted(before, giveUp);
    let failures = 0;
    let streams = 0;
    for (;;) {
      const ending = await this.#playOnce(message, giveUp);
      if ("done" in ending) {
        this.#onSession(message.done(ending.done).session);
        return;
      }
      if ("failed" in ending && !isRetryable(ending.failed)) throw message.explained(ending.failed);
      const failure = "failed" in ending ? ending.failed : ending.broken;
      // A stream that was opened is progress.
      if (message.streams > streams) failures = 0;
      streams = message.streams;
      failures += 1;
      if (streams === 0 && failures >= this.#transport.retry.maxAttempts) throw failure;
      await this.#transport.pause(failure, failures, deadline, giveUp);
    }
  }

  /** Plays a message on a stream; throws only what another stream would not mend. */
  async #playOnce(
    message: MessageRun,
    giveUp: AbortSignal,
  ): Promise<Ending | { readonly broken: unknown }> {
    try {
      return await playOnStream(this.#transport, this.#opening, message, giveUp);
    } catch (error) {
      giveUp.throwIfAborted();
      if (!mayReconnect(error)) throw error;
      return { broken: error };
    }
  }
}

/** A message's place in the order of its session, until it is free for the next. */
class Place {
  readonly free: Promise<void>;
  #leave!: () => void;

  constructor() {
    this.free = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  leave(): void {
    this.#leave();
  }
}

function tooLate(messageId: string, deadline: Deadline): DeadlineExceededError {
  return new DeadlineExceededError(
    `The message was not finished within ${deadline.timeoutMs} ms. Send it again with messageId ` +
      `${JSON.stringify(messageId)} to go on with it, or pass a larger timeoutMs.`,
    { code: "DEADLINE_EXCEEDED", reason: "DEADLINE_EXCEEDED" },
  );
}

/** Waits for a promise that never rejects, unless a signal comes first. */
async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let abort!: () => void;
  const aborted = new Promise<void>((resolve) => {
    abort = resolve;
    signal.addEventListener("abort", abort, { once: true });
  });
  await Promise.race([promise, aborted]);
  signal.removeEventListener("abort", abort);
  signal.throwIfAborted();
}
