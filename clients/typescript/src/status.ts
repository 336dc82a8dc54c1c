/**
 * From a failed call to a typed error, by the details that the server sends with its status.
 *
 * The details are those of `google.rpc`: one `ErrorInfo` with the reason, and `BadRequest` with
 * the fields at fault. A call that never reached a server has none; its message then says what to
 * do.
 */

import { ConnectError } from "@connectrpc/connect";
import { describe, type Endpoint } from "./endpoint.js";
import {
  AbortedError,
  AgentFailedError,
  AgentTimeoutError,
  AlreadyExistsError,
  CancelledError,
  DeadlineExceededError,
  type ErrorDetails,
  ExtractionFailedError,
  FailedPreconditionError,
  InternalError,
  InvalidArgumentError,
  MessageCancelledError,
  NoChatModelError,
  NotFoundError,
  PermissionDeniedError,
  ResourceExhaustedError,
  SessionClosedError,
  SpectronError,
  STATUS_CODES,
  type StatusCode,
  UnauthenticatedError,
  UnavailableError,
} from "./errors.js";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { ErrorReason as WireErrorReason } from "./gen/spectron/v1/error_reason_pb.js";
import type { ErrorReason } from "./kinds.js";

export const DOMAIN = "spectron";

type ErrorClass = new (message: string, details: ErrorDetails) => SpectronError;

const BY_CODE: Partial<Record<StatusCode, ErrorClass>> = {
  CANCELLED: CancelledError,
  INVALID_ARGUMENT: InvalidArgumentError,
  DEADLINE_EXCEEDED: DeadlineExceededError,
  NOT_FOUND: NotFoundError,
  ALREADY_EXISTS: AlreadyExistsError,
  PERMISSION_DENIED: PermissionDeniedError,
  RESOURCE_EXHAUSTED: ResourceExhaustedError,
  FAILED_PRECONDITION: FailedPreconditionError,
  ABORTED: AbortedError,
  INTERNAL: InternalError,
  UNAVAILABLE: UnavailableError,
  UNAUTHENTICATED: UnauthenticatedError,
};
// Each is a subclass of its status's own class.
const BY_REASON: Partial<Record<ErrorReason, { code: StatusCode; kind: ErrorClass }>> = {
  SESSION_CLOSED: { code: "FAILED_PRECONDITION", kind: SessionClosedError },
  EXTRACTION_FAILED: { code: "FAILED_PRECONDITION", kind: ExtractionFailedError },
  NO_CHAT_MODEL: { code: "FAILED_PRECONDITION", kind: NoChatModelError },
  MESSAGE_CANCELLED: { code: "CANCELLED", kind: MessageCancelledError },
  AGENT_FAILED: { code: "ABORTED", kind: AgentFailedError },
  AGENT_TIMEOUT: { code: "DEADLINE_EXCEEDED", kind: AgentTimeoutError },
};

/** Returns the name of a status by its number. */
export function statusCode(number: number): StatusCode {
  return STATUS_CODES[number] ?? "UNKNOWN";
}

/** Returns the reason of a name or number; `UNSPECIFIED` for one that is not known here. */
export function errorReason(given: string | number): ErrorReason {
  const name = typeof given === "number" ? WireErrorReason[given] : given;
  return name !== undefined && typeof WireErrorReason[name as ErrorReason] === "number"
    ? (name as ErrorReason)
    : "UNSPECIFIED";
}

/** Builds the error for a status: of the class for its reason, or else for its code. */
export function buildError(message: string, details: ErrorDetails): SpectronError {
  const code = details.code ?? "UNKNOWN";
  const specific = BY_REASON[details.reason ?? "UNSPECIFIED"];
  const kind = specific?.code === code ? specific.kind : (BY_CODE[code] ?? SpectronError);
  return new kind(message, details);
}

/**
 * Returns the typed error for a failed call.
 *
 * @param failure - What the transport threw.
 * @param endpoint - The server that was called, for the message.
 */
export function errorOf(failure: unknown, endpoint: Endpoint): SpectronError {
  const error = ConnectError.from(failure);
  const info = error.findDetails(ErrorInfoSchema).find((each) => each.domain === DOMAIN);
  const message = error.rawMessage || statusCode(error.code);
  if (info === undefined) {
    // No server of ours wrote this status: it comes from the connection or a proxy.
    const code = isConnectionFailure(error) ? "UNAVAILABLE" : statusCode(error.code);
    return buildError(explained(code, message, endpoint), { code, cause: failure });
  }
  return buildError(message, {
    code: statusCode(error.code),
    reason: errorReason(info.reason),
    metadata: { ...info.metadata },
    violations: error
      .findDetails(BadRequestSchema)
      .flatMap((each) => each.fieldViolations)
      .map(({ field, description }) => ({ field, description })),
    cause: failure,
  });
}

/**
 * Tells whether the connection failed, rather than a server or proxy answering.
 *
 * Node's errors come as the cause, with a `code` of their own. A connection that ends in the
 * middle of an answer shows as a missing trailer, or as a stream that was reset.
 */
function isConnectionFailure(error: ConnectError): boolean {
  const { cause } = error;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return true;
  return /protocol error: (missing|incomplete)|http\/2 stream closed/.test(error.rawMessage);
}

function explained(code: StatusCode, message: string, endpoint: Endpoint): string {
  const place = describe(endpoint);
  switch (code) {
    case "UNAVAILABLE":
      return (
        `No Spectron server could be reached at ${place}: ${message}. ` + advice(message, endpoint)
      );
    case "DEADLINE_EXCEEDED":
      return `No answer from ${place} within the deadline. Pass a larger timeoutMs to wait.`;
    case "UNIMPLEMENTED":
      return `The server at ${place} does not know this call: ${message}.`;
    default:
      return `${message} (from ${place})`;
  }
}

/** Returns what to do about a server that cannot be reached, as far as Node tells why. */
function advice(message: string, endpoint: Endpoint): string {
  if (/socket hang up|ECONNRESET|stream closed|Protocol error/i.test(message) && !endpoint.tls) {
    return "If the server there uses TLS, pass rootCertificates or tls: true.";
  }
  if (/certificate/i.test(message)) {
    return (
      "Its certificate is not trusted: name the file of the certificate that signed it with " +
      "rootCertificates, or in SPECTRON_TLS_ROOT_CERTIFICATES."
    );
  }
  if (/wrong version number|packet length too long/i.test(message)) {
    return "The server there does not use TLS: pass tls: false if nobody can listen on the way.";
  }
  return "Start one with `spectron serve`, or set SPECTRON_ENDPOINT to the address of yours.";
}
