/** One message of a user on its way, across the streams that carry it. */

import { type AgentCall, type AgentFn, AgentRun, kindOfError } from "./agent.js";
import type { Channel } from "./channel.js";
import type { ChatEvent, ChatResult } from "./chat.js";
import { resultOf } from "./chat-frames.js";
import type { TurnRecord } from "./conversation.js";
import { AgentFailedError, type SpectronError } from "./errors.js";
import type { ChatDone } from "./gen/spectron/v1/chat_service_pb.js";

/** A message under way: what came for it, and the agent at work on it. */
export class MessageRun {
  readonly id: string;
  readonly content: string;
  /** How many streams have been opened for it so far. */
  streams = 0;
  readonly #agentFn: AgentFn | undefined;
  readonly #events: Channel<ChatEvent>;
  readonly #onRecorded: () => void;
  readonly #turns = new Map<string, TurnRecord>();
  #agent: AgentRun | null = null;

  /**
   * @param id - Its id.
   * @param content - What the user said.
   * @param agentFn - Answers it; absent: the server does.
   * @param events - Where to tell what happens.
   * @param onRecorded - Called when the user's turn is on disk.
   */
  constructor(
    id: string,
    content: string,
    agentFn: AgentFn | undefined,
    events: Channel<ChatEvent>,
    onRecorded: () => void,
  ) {
    this.id = id;
    this.content = content;
    this.#agentFn = agentFn;
    this.#events = events;
    this.#onRecorded = onRecorded;
  }

  /** Takes note that a stream is open. */
  opened(): void {
    this.streams += 1;
  }

  /** Takes turns that were recorded; a stream that takes over tells some of them again. */
  recorded(turns: readonly TurnRecord[]): void {
    const fresh = turns.filter((each) => !this.#turns.has(each.id));
    for (const turn of fresh) this.#turns.set(turn.id, turn);
    if (fresh.length > 0) this.#events.push({ type: "recorded", turns: fresh });
    this.#onRecorded();
  }

  /**
   * Takes a piece of the reply of the server's own agent. A stream that takes over from a broken
   * one may start in the middle of the reply, or with another reply, so its pieces are not told.
   */
  said(text: string): void {
    if (this.streams === 1) this.#events.push({ type: "delta", text });
  }

  /** Calls the agent, or returns the one that is at work on the message already. */
  asked(call: Omit<AgentCall, "signal">): AgentRun {
    this.#agent ??= new AgentRun(this.#agentFn ?? noAgent, call, (text) => {
      this.#events.push({ type: "delta", text });
    });
    return this.#agent;
  }

  /** Takes the outcome. */
  done(message: ChatDone): ChatResult {
    const turns = [...this.#turns.values()].sort((a, b) => a.sequence - b.sequence);
    const result = resultOf(message, turns);
    this.#events.push({ type: "done", result });
    return result;
  }

  /** Returns the error for a failure, with what the agent threw if that was it. */
  explained(error: SpectronError): SpectronError {
    const failure = this.#agent?.error;
    if (!(error instanceof AgentFailedError) || !failure) return error;
    return new AgentFailedError(
      `The agent threw ${kindOfError(failure.thrown)}. The user's turn stays; send the message ` +
        `again with messageId ${JSON.stringify(this.id)} to have it answered.`,
      { code: error.code, reason: error.reason, cause: failure.thrown },
    );
  }

  /** Stops the agent: nobody waits for the message any more. */
  leave(reason: unknown): void {
    this.#agent?.stop(reason);
  }
}

function noAgent(): never {
  throw new TypeError("the session has no agentFn");
}
