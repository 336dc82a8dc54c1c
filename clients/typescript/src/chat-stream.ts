/**
 * One stream of the Chat RPC: it is opened, carries one message to its end, and is closed.
 *
 * `chats.ts` opens the next one if it breaks.
 */

import { agentCallOf, failureOf, type Frame } from "./chat-frames.js";
import { cancelFrame, deltaFrame, failureFrame, messageFrame, replyFrame } from "./chat-frames.js";
import { Channel } from "./channel.js";
import type { MessageRun } from "./chat-message.js";
import { turnRecordOf } from "./convert.js";
import { UnavailableError, type SpectronError } from "./errors.js";
import { type ChatAgentCall, ChatService } from "./gen/spectron/v1/chat_service_pb.js";
import type { ChatDone } from "./gen/spectron/v1/chat_service_pb.js";
import type { Transport } from "./transport.js";

// A server that is there ends a cancelled message, and a half-closed stream, at once.
const FAREWELL_MS = 5_000;

/** How a message ended on a stream. */
export type Ending = { readonly done: ChatDone } | { readonly failed: SpectronError };

/**
 * Sends a message on a stream of its own, and waits for its end.
 *
 * @param transport - Makes the call.
 * @param opening - The frame to open it with.
 * @param message - The message.
 * @param giveUp - Gives the message up, on the server too.
 * @returns How the message ended.
 * @throws what broke the stream, or the reason of the signal.
 */
export async function playOnStream(
  transport: Transport,
  opening: Frame,
  message: MessageRun,
  giveUp: AbortSignal,
): Promise<Ending> {
  giveUp.throwIfAborted();
  const stream = new ChatStream(transport, opening, message);
  const leave = (): void => {
    stream.giveUp(giveUp.reason);
  };
  giveUp.addEventListener("abort", leave, { once: true });
  try {
    return await stream.ending;
  } finally {
    giveUp.removeEventListener("abort", leave);
  }
}

class ChatStream {
  readonly ending: Promise<Ending>;
  readonly #message: MessageRun;
  readonly #outbox = new Channel<Frame>();
  readonly #broken = new AbortController();
  #opened = false;
  #settle!: { resolve: (ending: Ending) => void; reject: (reason: unknown) => void };

  constructor(transport: Transport, opening: Frame, message: MessageRun) {
    this.#message = message;
    this.ending = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#outbox.push(opening);
    void this.#read(transport);
  }

  /** Leaves at once. The server is told in the background, if it knows of the message. */
  giveUp(reason: unknown): void {
    this.#settle.reject(reason);
    if (!this.#opened) {
      this.#broken.abort(reason);
      return;
    }
    this.#outbox.push(cancelFrame(this.#message.id));
    this.#sayFarewell();
  }

  async #read(transport: Transport): Promise<void> {
    const { signal } = this.#broken;
    try {
      for await (const { frame } of transport.duplex(
        ChatService.method.chat,
        this.#outbox,
        signal,
      )) {
        switch (frame.case) {
          case "opened":
            this.#opened = true;
            this.#message.opened();
            this.#outbox.push(messageFrame(this.#message.id, this.#message.content));
            break;
          case "agentCall":
            void this.#answer(frame.value);
            break;
          case "recorded":
            this.#message.recorded(frame.value.turns.map(turnRecordOf));
            break;
          case "delta":
            this.#message.said(frame.value.text);
            break;
          case "done":
            this.#end({ done: frame.value });
            break;
          case "failed":
            this.#end({ failed: failureOf(frame.value) });
            break;
          default:
            // A frame that this client does not know comes from a newer server, and asks nothing.
            break;
        }
      }
      this.#settle.reject(
        new UnavailableError("The server ended the chat before the message was finished.", {
          code: "UNAVAILABLE",
        }),
      );
    } catch (failure) {
      this.#settle.reject(transport.errorOf(failure, undefined));
    } finally {
      this.#outbox.end();
    }
  }

  #end(ending: Ending): void {
    this.#settle.resolve(ending);
    this.#sayFarewell();
  }

  /** Sends what is left and half-closes; the server then ends the stream. */
  #sayFarewell(): void {
    this.#outbox.end();
    // The connection may be dead without anybody having noticed.
    setTimeout(() => {
      this.#broken.abort();
    }, FAREWELL_MS).unref();
  }

  async #answer(call: ChatAgentCall): Promise<void> {
    const { callId } = call;
    await this.#message.asked(agentCallOf(call)).deliver({
      delta: (text) => {
        this.#outbox.push(deltaFrame(callId, text));
      },
      reply: (content) => {
        this.#outbox.push(replyFrame(callId, content));
      },
      failure: (why) => {
        this.#outbox.push(failureFrame(callId, why));
      },
    });
  }
}
