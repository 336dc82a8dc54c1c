/** The frames of the Chat RPC, from and to the values of this package. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import type { AgentCall, ChatMessage } from "./agent.js";
import type { ChatOptions, ChatResult } from "./chat.js";
import { contextItemOf, diffOf, profileOf, roleNamed, sessionInfoOf } from "./convert.js";
import type { TurnRecord } from "./conversation.js";
import type { SpectronError } from "./errors.js";
import {
  ChatAgent,
  type ChatAgentCall,
  type ChatDone,
  type ChatFailed,
  type ChatRequestSchema,
} from "./gen/spectron/v1/chat_service_pb.js";
import { ExtractionStatus } from "./gen/spectron/v1/turn_pb.js";
import { kindOf } from "./kinds.js";
import { present } from "./present.js";
import { buildError, errorReason, statusCode } from "./status.js";

/** A frame to be sent. */
export type Frame = MessageInitShape<typeof ChatRequestSchema>;

/** Returns the frame that opens a stream. */
export function openFrame(contextId: string, sessionId: string, options: ChatOptions): Frame {
  const { agentFn, topK, historyLimit, agentTimeoutMs, extractionTimeoutMs } = options;
  const value = {
    contextId,
    sessionId,
    topK: topK ?? 0,
    historyLimit: historyLimit ?? 0,
    agent: agentFn ? ChatAgent.CLIENT : ChatAgent.SERVER,
    ...(agentTimeoutMs !== undefined && { agentTimeout: durationFromMs(agentTimeoutMs) }),
    ...(extractionTimeoutMs !== undefined && {
      extractionTimeout: durationFromMs(extractionTimeoutMs),
    }),
  };
  return { frame: { case: "open", value } };
}

/** Returns the frame of a user's message. */
export function messageFrame(messageId: string, content: string): Frame {
  return { frame: { case: "userMessage", value: { messageId, content } } };
}

/** Returns the frame that gives a message up. */
export function cancelFrame(messageId: string): Frame {
  return { frame: { case: "cancel", value: { messageId } } };
}

/** Returns the frame of a piece of the agent's reply. */
export function deltaFrame(callId: string, text: string): Frame {
  return { frame: { case: "agentDelta", value: { callId, text } } };
}

/** Returns the frame that ends a call with a reply; empty: the pieces sent before, joined. */
export function replyFrame(callId: string, content: string): Frame {
  return { frame: { case: "agentReply", value: { callId, content } } };
}

/** Returns the frame that ends a call with a failure. */
export function failureFrame(callId: string, message: string): Frame {
  return { frame: { case: "agentFailure", value: { callId, failure: { message } } } };
}

/** Converts what the server asks an agent. */
export function agentCallOf(message: ChatAgentCall): Omit<AgentCall, "signal"> {
  return {
    messageId: message.messageId,
    messages: message.messages.map(({ role, content, metadata }): ChatMessage => ({
      ...metadata,
      role: roleNamed(role),
      content,
    })),
    systemPrompt: message.systemPrompt,
    profile: profileOf(message.profile),
    context: message.context.map(contextItemOf),
    timeoutMs: message.timeout ? durationMs(message.timeout) : 0,
  };
}

/** Converts the outcome of a message. */
export function resultOf(message: ChatDone, turns: readonly TurnRecord[]): ChatResult {
  return {
    messageId: message.messageId,
    response: message.response,
    extraction: diffOf(message.extraction),
    extractionStatus: kindOf(ExtractionStatus, message.extractionStatus),
    session: sessionInfoOf(present(message.session)),
    turns,
  };
}

/** Converts the failure of a message. */
export function failureOf({ failure }: ChatFailed): SpectronError {
  const code = statusCode(failure?.code ?? 2);
  return buildError(failure?.message ?? code, {
    code,
    reason: errorReason(failure?.reason ?? 0),
  });
}
