/** The sessions of a context: creating, opening, getting and listing them. */

import type { ChatOptions } from "./chat.js";
import { scopeTo, sessionInfoOf } from "./convert.js";
import { SessionService } from "./gen/spectron/v1/session_service_pb.js";
import {
  SessionState as WireSessionState,
  type Session as WireSession,
} from "./gen/spectron/v1/session_pb.js";
import { kindTo, type Named, type SessionState } from "./kinds.js";
import { Listing } from "./listing.js";
import type { CallOptions, ChangeOptions, ListOptions, Scope } from "./options.js";
import { present } from "./present.js";
import { Session } from "./session.js";
import type { Transport } from "./transport.js";

/** The session to create. */
export interface NewSession extends ChangeOptions, ChatOptions {
  /** Whose memory it feeds, such as `{ user: "alice" }`. Empty: everyone's in the context. */
  scope: Scope;
  /** The application's own labels. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/** Which sessions to list. */
export interface SessionQuery extends ListOptions {
  /** What this scope sees. Empty: only sessions with the empty scope. */
  scope: Scope;
  /** Only sessions in this state; absent: all. */
  state?: Named<SessionState> | undefined;
}

/** The sessions of a context. */
export class Sessions {
  readonly #transport: Transport;
  readonly #contextId: string;

  /** @internal Made by `Memory`. */
  constructor(transport: Transport, contextId: string) {
    this.#transport = transport;
    this.#contextId = contextId;
  }

  /**
   * Opens a new session.
   *
   * @param spec - Whose memory it feeds; with an `agentFn`, `session.chat` has it answer.
   * @returns The session.
   */
  async create(spec: NewSession): Promise<Session> {
    const { scope, metadata, requestId, timeoutMs, signal, ...chatOptions } = spec;
    const response = await this.#transport.unary(
      SessionService.method.createSession,
      {
        contextId: this.#contextId,
        requestId: this.#transport.requestId(requestId),
        scope: scopeTo(scope),
        metadata: { ...metadata },
      },
      { timeoutMs, signal },
    );
    return this.#sessionOf(present(response.session), chatOptions);
  }

  /** Returns a session by its id, without asking the server. */
  open(sessionId: string, chatOptions: ChatOptions = {}): Session {
    return new Session(this.#transport, this.#contextId, sessionId, null, chatOptions);
  }

  /**
   * Returns a session with what the server knows of it.
   *
   * @throws NotFoundError if there is no such session.
   */
  async get(
    sessionId: string,
    { timeoutMs, signal, ...chatOptions }: CallOptions & ChatOptions = {},
  ): Promise<Session> {
    const response = await this.#transport.unary(
      SessionService.method.getSession,
      { contextId: this.#contextId, sessionId },
      { timeoutMs, signal },
    );
    return this.#sessionOf(present(response.session), chatOptions);
  }

  /**
   * Lists the sessions that a scope sees, newest first.
   *
   * @returns The sessions: await it for an array, or walk it with `for await`.
   */
  list({ scope, state, limit, ...options }: SessionQuery): Listing<Session> {
    const wireScope = scopeTo(scope);
    const wireState = kindTo(WireSessionState, state, "state");
    return new Listing(async (pageSize, pageToken) => {
      const { sessions, nextPageToken } = await this.#transport.unary(
        SessionService.method.listSessions,
        {
          contextId: this.#contextId,
          scope: wireScope,
          state: wireState,
          pageSize,
          pageToken,
        },
        options,
      );
      return { items: sessions.map((each) => this.#sessionOf(each)), nextPageToken };
    }, limit);
  }

  #sessionOf(message: WireSession, chatOptions: ChatOptions = {}): Session {
    const info = sessionInfoOf(message);
    return new Session(this.#transport, this.#contextId, info.id, info, chatOptions);
  }
}
