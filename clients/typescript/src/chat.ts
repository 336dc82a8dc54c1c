/** Chat as values: how a session chats, what happens to a message, and its outcome. */

import type { AgentFn } from "./agent.js";
import type { SessionInfo, TurnRecord } from "./conversation.js";
import type { ExtractionStatus } from "./kinds.js";
import type { Diff } from "./models.js";
import type { CallOptions } from "./options.js";

/** How a session chats. */
export interface ChatOptions {
  /**
   * Answers the messages of `chat`: an async function, a function, or a generator of either kind
   * that yields pieces of the reply. It gets the conversation, each message with `role`,
   * `content` and the scope as `<dimension>_id`, and an `AgentCall`. Absent: the server's own
   * chat model answers.
   */
  agentFn?: AgentFn | undefined;
  /** How many context items to retrieve for each message, up to 50; absent: 10. */
  topK?: number | undefined;
  /** How many earlier turns to hand to the agent, up to 200; absent: 20. */
  historyLimit?: number | undefined;
  /** How long the agent may take for a reply, up to 10 minutes; absent: a minute. */
  agentTimeoutMs?: number | undefined;
  /**
   * How long to wait, after the reply, for what was learned, up to 10 minutes; 0: not at all;
   * absent: 30 seconds.
   */
  extractionTimeoutMs?: number | undefined;
}

/** A message of the user. */
export interface UserMessage extends CallOptions {
  /** What the user said, up to 32 KiB. */
  content: string;
  /**
   * Names the message within its session, for good: the same id again returns the recorded
   * outcome, or goes on where the message stopped. Absent: a new id.
   */
  messageId?: string | undefined;
}

/** The outcome of a message. */
export interface ChatResult {
  /** The message. */
  readonly messageId: string;
  /** The agent's reply. */
  readonly response: string;
  /** What was learned from what the user said; empty unless `extractionStatus` is `done`. */
  readonly extraction: Diff;
  /**
   * How far the extraction of the user's turn came. If it is still pending,
   * `memory.profile({ scope, minTurn: result.turns[0].id })` waits for it.
   */
  readonly extractionStatus: ExtractionStatus;
  /** The session after the message. */
  readonly session: SessionInfo;
  /** The turns recorded for the message: the user's, then the assistant's. */
  readonly turns: readonly TurnRecord[];
}

/**
 * What happens to a message: its turns are on disk, a piece of the reply came, it is finished.
 *
 * The pieces are there to be shown early, and `result.response` is the reply: one that came into
 * being elsewhere, or while the connection was broken, comes with `done` only.
 */
export type ChatEvent =
  | { readonly type: "recorded"; readonly turns: readonly TurnRecord[] }
  | { readonly type: "delta"; readonly text: string }
  | { readonly type: "done"; readonly result: ChatResult };

// What the server takes if nothing is said; see `ChatOpen`.
const AGENT_TIMEOUT_MS = 60_000;
const EXTRACTION_TIMEOUT_MS = 30_000;

/** Returns the time that the agent and the extraction may take together. */
export function longestChatMs(options: ChatOptions): number {
  const { agentTimeoutMs = AGENT_TIMEOUT_MS, extractionTimeoutMs = EXTRACTION_TIMEOUT_MS } =
    options;
  return agentTimeoutMs + extractionTimeoutMs;
}
