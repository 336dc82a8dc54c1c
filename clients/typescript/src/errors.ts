/**
 * The errors that calls reject with: one class for each gRPC status, a few for reasons worth
 * their own.
 *
 * Programs branch on the class, or on `reason`; the message is for people and may change. No
 * error holds the API key.
 */

import type { ErrorReason } from "./kinds.js";

/** The gRPC statuses, each at its number. */
export const STATUS_CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** The name of a gRPC status. */
export type StatusCode = (typeof STATUS_CODES)[number];

/** A field at fault. */
export interface FieldViolation {
  /** Its dotted path in the request, such as `turn.content`. */
  readonly field: string;
  /** What is wrong with it. */
  readonly description: string;
}

/** What is known of a failure. */
export interface ErrorDetails {
  code?: StatusCode;
  reason?: ErrorReason;
  metadata?: Readonly<Record<string, string>>;
  violations?: readonly FieldViolation[];
  cause?: unknown;
}

/** The base of all errors of this client. */
export class SpectronError extends Error {
  override readonly name: string = "SpectronError";
  /** The gRPC status. */
  readonly code: StatusCode;
  /** Which failure it was; `UNSPECIFIED` if the server did not say, or said an unknown one. */
  readonly reason: ErrorReason;
  /** Details such as `required_role`; the keys are documented with the reasons. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code ?? "UNKNOWN";
    this.reason = details.reason ?? "UNSPECIFIED";
    this.metadata = details.metadata ?? {};
  }
}

/** The request is wrong, whatever the state of the server. */
export class InvalidArgumentError extends SpectronError {
  override readonly name: string = "InvalidArgumentError";
  /** The fields at fault. */
  readonly violations: readonly FieldViolation[];

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { code: "INVALID_ARGUMENT", ...details });
    this.violations = details.violations ?? [];
  }
}

/** There is no such thing, or the key does not reach it. */
export class NotFoundError extends SpectronError {
  override readonly name: string = "NotFoundError";
}

/** There is one of that name, or the id of a request or message was used for another. */
export class AlreadyExistsError extends SpectronError {
  override readonly name: string = "AlreadyExistsError";
}

/** The key is good, but its role does not allow the call. */
export class PermissionDeniedError extends SpectronError {
  override readonly name: string = "PermissionDeniedError";
}

/** The key is missing, wrong, expired or revoked. */
export class UnauthenticatedError extends SpectronError {
  override readonly name: string = "UnauthenticatedError";
}

/** The state of the thing named does not allow the call. */
export class FailedPreconditionError extends SpectronError {
  override readonly name: string = "FailedPreconditionError";
}

/** The session takes no more turns. Create another with the same scope. */
export class SessionClosedError extends FailedPreconditionError {
  override readonly name: string = "SessionClosedError";
}

/** The session has no agent, and the server has no chat model to answer in its place. */
export class NoChatModelError extends FailedPreconditionError {
  override readonly name: string = "NoChatModelError";
}

/** The extraction of a turn failed for good; `metadata.turn_id` names the turn. */
export class ExtractionFailedError extends FailedPreconditionError {
  override readonly name: string = "ExtractionFailedError";
}

/** The server is overloaded, its storage full, or the message too large. */
export class ResourceExhaustedError extends SpectronError {
  override readonly name: string = "ResourceExhaustedError";
}

/** The answer did not come in time. A change may have been made all the same. */
export class DeadlineExceededError extends SpectronError {
  override readonly name: string = "DeadlineExceededError";
}

/** The agent did not answer in time. The message may be sent again. */
export class AgentTimeoutError extends DeadlineExceededError {
  override readonly name: string = "AgentTimeoutError";
}

/** The call was ended by the server before it was done. */
export class AbortedError extends SpectronError {
  override readonly name: string = "AbortedError";
}

/** The agent failed; `cause` is what it threw. The message may be sent again. */
export class AgentFailedError extends AbortedError {
  override readonly name: string = "AgentFailedError";
}

/** The server, or its database, could not be reached, after all retries. */
export class UnavailableError extends SpectronError {
  override readonly name: string = "UnavailableError";
}

/** The call was cancelled by the server or on the way. */
export class CancelledError extends SpectronError {
  override readonly name: string = "CancelledError";
}

/** The message was given up, by this client or another that sent it. */
export class MessageCancelledError extends CancelledError {
  override readonly name: string = "MessageCancelledError";
}

/** A fault of the server; `metadata.request_id` is in its log. */
export class InternalError extends SpectronError {
  override readonly name: string = "InternalError";
}
