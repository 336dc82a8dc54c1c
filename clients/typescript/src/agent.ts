/**
 * Agents: functions of the application that answer what a user says, and one of them at work.
 *
 * An agent is called once for a message, whatever becomes of the connection: its reply is kept, so
 * that a stream which takes over from a broken one is told it from the beginning.
 */

import type { ContextItem, Profile } from "./models.js";
import type { Role } from "./kinds.js";

/**
 * One message of the conversation, as handed to an agent: what was said by whom, and the session's
 * scope, each dimension as `<dimension>_id`.
 */
export interface ChatMessage {
  readonly role: Role;
  readonly content: string;
  readonly [id: `${string}_id`]: string;
}

/** What the server hands to an agent besides the conversation. */
export interface AgentCall {
  /** The message to be answered. */
  readonly messageId: string;
  /** The conversation, oldest first; the user's message is the last. */
  readonly messages: readonly ChatMessage[];
  /** The profile's summary and the context as one block; empty if nothing is known. */
  readonly systemPrompt: string;
  /** What is known. */
  readonly profile: Profile;
  /** What bears on the message, best first. */
  readonly context: readonly ContextItem[];
  /** How long the agent may take. */
  readonly timeoutMs: number;
  /** Aborted when the reply is not wanted any more: given up, timed out, or answered elsewhere. */
  readonly signal: AbortSignal;
}

/** A reply, or pieces of it as they come. */
export type AgentReply = string | AsyncIterable<string> | Iterable<string>;

/**
 * Answers what a user says: a function, an async function, or an (async) generator that yields
 * pieces of the reply.
 */
export type AgentFn = (
  messages: ChatMessage[],
  call: AgentCall,
) => AgentReply | PromiseLike<AgentReply>;

/** What an agent did, as frames to be sent. */
export interface AgentAnswer {
  delta(text: string): void;
  reply(content: string): void;
  failure(message: string): void;
}

// As the server limits a turn. It also bounds what an agent that never ends can fill.
const MAX_REPLY_BYTES = 32 * 1024;

/** An agent at work on one message. It is called at once. */
export class AgentRun {
  /** What the agent threw; null unless it failed. */
  error: { readonly thrown: unknown } | null = null;
  readonly #onText: (text: string) => void;
  readonly #controller: AbortController;
  #text = "";
  #bytes = 0;
  #finished = false;
  #news = new News();

  /**
   * Starts the agent.
   *
   * @param agentFn - The agent.
   * @param call - What it is asked.
   * @param onText - Called with each piece of the reply.
   */
  constructor(agentFn: AgentFn, call: Omit<AgentCall, "signal">, onText: (text: string) => void) {
    this.#onText = onText;
    this.#controller = new AbortController();
    void this.#work(agentFn, { ...call, signal: this.#controller.signal });
  }

  /** Tells the agent that its reply is not wanted any more. */
  stop(reason: unknown): void {
    if (!this.#finished) this.#controller.abort(reason);
  }

  /** Answers a call of the server: from the beginning, as the agent goes on, to its end. */
  async deliver(answer: AgentAnswer): Promise<void> {
    let sent = 0;
    while (!this.#finished) {
      if (this.#text.length === sent) {
        await this.#news.wait();
      } else {
        answer.delta(this.#text.slice(sent));
        sent = this.#text.length;
      }
    }
    if (this.error !== null) {
      // The text of an error may hold what nobody else should read; its kind does not.
      answer.failure(`The agent threw ${kindOfError(this.error.thrown)}.`);
    } else if (sent === 0) {
      answer.reply(this.#text);
    } else {
      if (this.#text.length > sent) answer.delta(this.#text.slice(sent));
      answer.reply("");
    }
  }

  async #work(agentFn: AgentFn, call: AgentCall): Promise<void> {
    const { signal } = this.#controller;
    try {
      const reply: unknown = await agentFn([...call.messages], call);
      if (isIterable(reply)) {
        for await (const piece of reply) {
          // Leaving the loop ends the agent's generator.
          if (signal.aborted) break;
          this.#add(piece);
        }
      } else {
        this.#add(reply);
      }
      if (this.#text.trim() === "") throw new Error("the agent answered nothing");
    } catch (thrown) {
      this.error = { thrown };
    }
    this.#finished = true;
    this.#news.tell();
  }

  #add(piece: unknown): void {
    if (typeof piece !== "string") {
      throw new TypeError(
        `an agent answers with text, or yields pieces of it, not ${typeof piece}`,
      );
    }
    this.#bytes += Buffer.byteLength(piece);
    if (this.#bytes > MAX_REPLY_BYTES) {
      throw new RangeError(`the agent's reply is longer than ${MAX_REPLY_BYTES / 1024} KiB`);
    }
    if (piece === "") return;
    this.#text += piece;
    this.#onText(piece);
    this.#news.tell();
  }
}

/** Wakes whoever waits. */
class News {
  #tell: () => void = () => undefined;
  #next: Promise<void>;

  constructor() {
    this.#next = this.#renewed();
  }

  wait(): Promise<void> {
    return this.#next;
  }

  tell(): void {
    this.#tell();
    this.#next = this.#renewed();
  }

  #renewed(): Promise<void> {
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}

/** Returns the name of an error's class, such as `TypeError`. */
export function kindOfError(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : typeof thrown;
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}
