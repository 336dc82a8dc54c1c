/** One conversation: recording its turns, asking for context within it, and chatting. */

import type { ChatEvent, ChatOptions, ChatResult, UserMessage } from "./chat.js";
import { Chats } from "./chats.js";
import { newTurnTo, sessionInfoOf } from "./convert.js";
import type { NewTurn, SessionInfo } from "./conversation.js";
import { SessionService } from "./gen/spectron/v1/session_service_pb.js";
import { ExtractionStatus as WireExtractionStatus } from "./gen/spectron/v1/turn_pb.js";
import { TurnService } from "./gen/spectron/v1/turn_service_pb.js";
import { type ExtractionStatus, kindTo, type Named } from "./kinds.js";
import { Listing } from "./listing.js";
import type { ContextResult } from "./models.js";
import type { ChangeOptions, ListOptions, Scope } from "./options.js";
import { present } from "./present.js";
import { getContext, type ContextQuery } from "./retrieval.js";
import type { Transport } from "./transport.js";
import { Turn } from "./turns.js";

/** Which turns of a session to list. */
export interface TurnQuery extends ListOptions {
  /** Only turns whose extraction has this status; absent: all. */
  extractionStatus?: Named<ExtractionStatus> | undefined;
}

/** One conversation. Memory is kept by scope: all sessions of a scope feed one memory. */
export class Session {
  /** The session's id. */
  readonly id: string;
  readonly #transport: Transport;
  readonly #contextId: string;
  readonly #chats: Chats;
  #info: SessionInfo | null;

  /** @internal Made by `Sessions`. */
  constructor(
    transport: Transport,
    contextId: string,
    id: string,
    info: SessionInfo | null,
    chatOptions: ChatOptions = {},
  ) {
    this.id = id;
    this.#info = info;
    this.#transport = transport;
    this.#contextId = contextId;
    this.#chats = new Chats(transport, contextId, id, chatOptions, (session) => {
      this.#info = session;
    });
  }

  /** What the server last said of it; null if it was only opened by its id. */
  get info(): SessionInfo | null {
    return this.#info;
  }

  /** Whose memory it feeds; null if it was only opened by its id. */
  get scope(): Scope | null {
    return this.#info?.scope ?? null;
  }

  /**
   * Sends a message of the user, and returns its outcome: the agent's reply, what was learned,
   * and the session.
   *
   * The server records the message, calls the session's `agentFn` back with the conversation and
   * what it knows, records the reply and extracts. If the connection breaks, the client goes on
   * with the same message on another.
   *
   * @param message - `content`: what the user said. `timeoutMs`: how long all of it may take;
   *   absent: what its parts may take by themselves. `signal`: gives the message up.
   * @returns The outcome.
   * @throws AgentFailedError if the agent threw, which is the `cause`; the user's turn stays.
   * @throws AgentTimeoutError if the agent did not answer in time.
   * @throws NoChatModelError if there is no `agentFn`, and the server has no chat model.
   * @throws SessionClosedError if the session takes no more turns.
   */
  async chat(message: UserMessage): Promise<ChatResult> {
    let result: ChatResult | undefined;
    for await (const event of this.#chats.converse(message)) {
      if (event.type === "done") ({ result } = event);
    }
    return present(result);
  }

  /**
   * Sends a message of the user, and yields what happens to it: recorded turns, pieces of the
   * reply as they come, and at last the outcome. Leaving the loop early gives the message up.
   *
   * @param message - As in `chat`.
   * @returns The events; an error of `chat` ends them.
   */
  chatStream(message: UserMessage): AsyncGenerator<ChatEvent, void, undefined> {
    return this.#chats.converse(message);
  }

  /**
   * Records one turn and returns as soon as it is on disk; extraction follows.
   *
   * @returns The turn; `await turn.extraction()` waits for what was learned.
   * @throws SessionClosedError if the session takes no more turns.
   */
  async turn({ requestId, timeoutMs, signal, ...turn }: NewTurn & ChangeOptions): Promise<Turn> {
    const response = await this.#transport.unary(
      TurnService.method.recordTurn,
      {
        contextId: this.#contextId,
        requestId: this.#transport.requestId(requestId),
        sessionId: this.id,
        turn: newTurnTo(turn),
      },
      { timeoutMs, signal },
    );
    return new Turn(this.#transport, this.#contextId, present(response.turn));
  }

  /**
   * Records several turns in one transaction: all of them or none.
   *
   * @param turns - 1 to 500 turns, in order, of together at most 2 MiB.
   * @returns The turns, in the same order.
   * @throws SessionClosedError if the session takes no more turns.
   */
  async turns(
    turns: Iterable<NewTurn>,
    { requestId, ...options }: ChangeOptions = {},
  ): Promise<Turn[]> {
    const response = await this.#transport.unary(
      TurnService.method.recordTurns,
      {
        contextId: this.#contextId,
        requestId: this.#transport.requestId(requestId),
        sessionId: this.id,
        turns: Array.from(turns, newTurnTo),
      },
      options,
    );
    return response.turns.map((each) => new Turn(this.#transport, this.#contextId, each));
  }

  /**
   * Returns the facts and turns of the session's scope that bear on a query.
   *
   * @returns What bears on the query, best first.
   */
  async context(query: ContextQuery): Promise<ContextResult> {
    const target = { case: "sessionId", value: this.id } as const;
    return getContext(this.#transport, this.#contextId, target, query);
  }

  /**
   * Lists the turns of the session, in order.
   *
   * @returns The turns: await it for an array, or walk it with `for await`.
   */
  history({ extractionStatus, limit, ...options }: TurnQuery = {}): Listing<Turn> {
    const status = kindTo(WireExtractionStatus, extractionStatus, "extractionStatus");
    return new Listing(async (pageSize, pageToken) => {
      const { turns, nextPageToken } = await this.#transport.unary(
        TurnService.method.listTurns,
        {
          contextId: this.#contextId,
          sessionId: this.id,
          extractionStatus: status,
          pageSize,
          pageToken,
        },
        options,
      );
      const items = turns.map((each) => new Turn(this.#transport, this.#contextId, each));
      return { items, nextPageToken };
    }, limit);
  }

  /**
   * Closes the session: it takes no more turns. Closing it again changes nothing.
   *
   * @returns The session as it is now; also kept as `info`.
   */
  async close({ requestId, ...options }: ChangeOptions = {}): Promise<SessionInfo> {
    const response = await this.#transport.unary(
      SessionService.method.closeSession,
      {
        contextId: this.#contextId,
        requestId: this.#transport.requestId(requestId),
        sessionId: this.id,
      },
      options,
    );
    this.#info = sessionInfoOf(present(response.session));
    return this.#info;
  }
}
