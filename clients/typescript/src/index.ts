/**
 * Spectron's TypeScript client: memory for AI assistants. `Spectron` is the front door.
 *
 * @packageDocumentation
 */

export { Spectron, type SpectronOptions } from "./client.js";
export type { ForgetSelection, Memory, NewFact, ProfileQuery } from "./memory.js";
export type { NewSession, SessionQuery, Sessions } from "./sessions.js";
export type { Session, TurnQuery } from "./session.js";
export type { Turn } from "./turns.js";
export type { ContextQuery } from "./retrieval.js";
export type { ChatEvent, ChatOptions, ChatResult, UserMessage } from "./chat.js";
export type { AgentCall, AgentFn, AgentReply, ChatMessage } from "./agent.js";
export type {
  Entities,
  EntityQuery,
  EntitySelection,
  HistoryQuery,
  Resolution,
  UnknownQuery,
  Unknowns,
} from "./knowledge.js";
export type {
  Admin,
  AuditQuery,
  Contexts,
  KeyQuery,
  KeySpec,
  Keys,
  ScopeErasure,
} from "./admin.js";
export type {
  AuditEntry,
  ErasureReceipt,
  ImportReceipt,
  Key,
  MemoryContext,
  NewKey,
  Stats,
} from "./admin-models.js";
export { formatRecord, parseRecord, type RecordKind, type TransferRecord } from "./transfer.js";
export type { NewTurn, SessionInfo, TurnRecord } from "./conversation.js";
export type {
  Attribute,
  AttributeChange,
  ContextItem,
  ContextResult,
  Diff,
  Entity,
  EntityRef,
  Evidence,
  Extraction,
  Forgotten,
  Profile,
  ResolvedUnknown,
  Unknown,
} from "./models.js";
export type {
  AttributeStatus,
  Category,
  ChangeAction,
  ContextItemKind,
  ErrorReason,
  ExtractionStatus,
  KeyRole,
  Role,
  SessionState,
  UnknownReason,
  UnknownResolution,
} from "./kinds.js";
export type { CallOptions, ChangeOptions, ListOptions, Scope } from "./options.js";
export type { Listing } from "./listing.js";
export type { RetryPolicy } from "./retry.js";
export * from "./errors.js";
