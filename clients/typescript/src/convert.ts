/**
 * Between protobuf messages and the values of this package.
 *
 * Reading is lenient: a kind that this client does not know becomes `unspecified`, so that an old
 * client works with a newer server. Writing is strict about what protobuf would report in words
 * of its own: scopes, roles and times.
 */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { NewTurn, SessionInfo, TurnRecord } from "./conversation.js";
import {
  AttributeSchema,
  AttributeStatus,
  Category,
  type Attribute as WireAttribute,
  type Entity as WireEntity,
  type EntityRef as WireEntityRef,
  type EntityRefSchema,
  type Evidence as WireEvidence,
} from "./gen/spectron/v1/attribute_pb.js";
import {
  ContextItemKind,
  type ContextItem as WireContextItem,
  type Profile as WireProfile,
} from "./gen/spectron/v1/memory_pb.js";
import type { ForgetResponse, GetContextResponse } from "./gen/spectron/v1/memory_service_pb.js";
import type { ScopeSchema, Scope as WireScope } from "./gen/spectron/v1/scope_pb.js";
import { SessionState, type Session as WireSession } from "./gen/spectron/v1/session_pb.js";
import {
  ChangeAction,
  ExtractionDiffSchema,
  ExtractionStatus,
  Role,
  type Extraction as WireExtraction,
  type ExtractionDiff,
  type NewTurnSchema,
  type Turn as WireTurn,
} from "./gen/spectron/v1/turn_pb.js";
import {
  UnknownReason,
  UnknownResolution,
  type Unknown as WireUnknown,
} from "./gen/spectron/v1/unknown_pb.js";
import { kindOf, kindTo, type KindOf } from "./kinds.js";
import type {
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
  Unknown,
} from "./models.js";
import type { Scope } from "./options.js";

/**
 * Returns a scope as a message.
 *
 * @throws TypeError if a value is no string, as when a user id is undefined.
 */
export function scopeTo(scope: Scope): MessageInitShape<typeof ScopeSchema> {
  for (const [dimension, value] of Object.entries<unknown>(scope)) {
    if (typeof value !== "string") {
      throw new TypeError(`scope.${dimension} must be a string, not ${typeof value}`);
    }
  }
  return { dimensions: { ...scope } };
}

/** Returns the dimensions of a scope. */
export function scopeOf(message: WireScope | undefined): Scope {
  return { ...message?.dimensions };
}

/**
 * Returns a date as a message; undefined stays undefined.
 *
 * @param moment - The date.
 * @param name - What the argument is called, for the message.
 * @throws TypeError if the date is invalid.
 */
export function timeTo(moment: Date | undefined, name: string): Timestamp | undefined {
  if (moment === undefined) return undefined;
  if (Number.isNaN(moment.getTime())) throw new TypeError(`${name} must be a valid date`);
  return timestampFromDate(moment);
}

/**
 * Returns a message as a date.
 *
 * The server keeps microseconds and a `Date` milliseconds. Rounding up keeps the order of moments,
 * and lets `asOf: belief.validFrom` see the belief.
 */
export function timeOf(message: Timestamp | undefined): Date {
  if (message === undefined) return new Date(0);
  return new Date(Number(message.seconds) * 1_000 + Math.ceil(message.nanos / 1_000_000));
}

/** Returns a message as a date, or null if it is absent. */
export function optionalTimeOf(message: Timestamp | undefined): Date | null {
  return message === undefined ? null : timeOf(message);
}

/** Returns what a call is about, or undefined for the scope's user if nothing is named. */
export function entityTo(
  type: string | undefined,
  name: string | undefined,
): MessageInitShape<typeof EntityRefSchema> | undefined {
  if (type === undefined && name === undefined) return undefined;
  return { type: type ?? "", name: name ?? "" };
}

/**
 * Returns a turn to be recorded as a message.
 *
 * @throws TypeError if its role is none, or its time is invalid.
 */
export function newTurnTo(turn: NewTurn): MessageInitShape<typeof NewTurnSchema> {
  const observedAt = timeTo(turn.observedAt, "observedAt");
  return {
    role: kindTo(Role, turn.role, "role"),
    content: turn.content,
    ...(observedAt && { observedAt }),
  };
}

function entityRefOf(message: WireEntityRef | undefined): EntityRef {
  return { type: message?.type ?? "", name: message?.name ?? "" };
}

function evidenceOf(message: WireEvidence | undefined): Evidence | null {
  if (message === undefined) return null;
  return {
    turnId: message.turnId,
    start: message.start,
    end: message.end,
    quote: message.quote,
  };
}

/** Converts a belief. */
export function attributeOf(message: WireAttribute): Attribute {
  return {
    id: message.id,
    entity: entityRefOf(message.entity),
    category: kindOf(Category, message.category),
    key: message.key,
    value: message.value,
    confidence: message.confidence,
    evidence: evidenceOf(message.evidence),
    sourceTurn: message.evidence?.turnId ?? null,
    validFrom: timeOf(message.validFrom),
    validUntil: optionalTimeOf(message.validUntil),
    recordedAt: timeOf(message.recordedAt),
    lastValidatedAt: timeOf(message.lastValidatedAt),
    supersedes: message.supersedes || null,
    supersededBy: message.supersededBy || null,
    status: kindOf(AttributeStatus, message.status),
    scope: scopeOf(message.scope),
  };
}

/** Converts an entity with its beliefs. */
export function entityOf(message: WireEntity): Entity {
  return {
    id: message.id,
    type: message.type,
    name: message.name,
    attributes: message.attributes.map(attributeOf),
  };
}

/** Converts a doubt. */
export function unknownOf(message: WireUnknown): Unknown {
  return {
    id: message.id,
    entity: entityRefOf(message.entity),
    about: message.about,
    value: message.value,
    category: kindOf(Category, message.category),
    reason: kindOf(UnknownReason, message.reason),
    evidence: evidenceOf(message.evidence),
    raisedAt: timeOf(message.raisedAt),
    recordedAt: timeOf(message.recordedAt),
    resolved: message.resolved,
    resolution: kindOf(UnknownResolution, message.resolution),
    resolvedAt: optionalTimeOf(message.resolvedAt),
    conflictsWith: message.conflictsWith || null,
    scope: scopeOf(message.scope),
  };
}

/** Converts a profile. */
export function profileOf(message: WireProfile | undefined): Profile {
  return {
    scope: scopeOf(message?.scope),
    summary: message?.summary ?? "",
    attributes: (message?.attributes ?? []).map(attributeOf),
    revision: Number(message?.revision ?? 0),
    asOf: optionalTimeOf(message?.asOf),
  };
}

/** Converts what bears on a query. */
export function contextOf(message: GetContextResponse): ContextResult {
  return {
    items: message.items.map(contextItemOf),
    formatted: message.formatted,
    revision: Number(message.revision),
  };
}

/** Converts one thing that bears on a query. */
export function contextItemOf(message: WireContextItem): ContextItem {
  return {
    kind: kindOf(ContextItemKind, message.kind),
    text: message.text,
    score: message.score,
    sourceTurn: message.sourceTurn || null,
    sessionId: message.sessionId || null,
    observedAt: timeOf(message.observedAt),
    attribute: message.attribute ? attributeOf(message.attribute) : null,
    role: message.role ? roleNamed(message.role) : null,
    others: message.others.map(attributeOf),
  };
}

/** Returns the role of a name; `unspecified` for one that is not known here. */
export function roleNamed(name: string): KindOf<typeof Role> {
  const number = Role[name.toUpperCase() as keyof typeof Role] as Role | undefined;
  return kindOf(Role, number ?? Role.UNSPECIFIED);
}

/** Converts what was forgotten. */
export function forgottenOf(message: ForgetResponse): Forgotten {
  return {
    attributes: message.attributes.map(attributeOf),
    attributeCount: Number(message.attributeCount),
    unknownCount: Number(message.unknownCount),
    turnCount: Number(message.turnCount),
  };
}

/** Converts a difference to memory; an absent one is empty. */
export function diffOf(message: ExtractionDiff = create(ExtractionDiffSchema)): Diff {
  const changes = message.changes.map((each): AttributeChange => {
    const attribute = attributeOf(each.attribute ?? create(AttributeSchema));
    const { entity, category, key, value, validFrom } = attribute;
    return {
      action: kindOf(ChangeAction, each.action),
      attribute,
      previousValue: each.previousValue ?? null,
      entity,
      category,
      key,
      value,
      validFrom,
    };
  });
  const of = (action: AttributeChange["action"]) => changes.filter((it) => it.action === action);
  return {
    changes,
    added: of("added"),
    updated: of("updated"),
    confirmed: of("confirmed"),
    expired: of("expired"),
    backfilled: of("backfilled"),
    unknowns: message.unknownsRaised.map(unknownOf),
    unknownsResolved: message.unknownsResolved.map(unknownOf),
  };
}

/** Converts the extraction of a turn. */
export function extractionOf(message: WireExtraction): Extraction {
  return {
    turnId: message.turnId,
    status: kindOf(ExtractionStatus, message.status),
    diff: diffOf(message.diff),
    finishedAt: optionalTimeOf(message.finishedAt),
    attempts: message.attempts,
    error: message.error,
    extractor: message.extractor,
    droppedCount: message.droppedCount,
  };
}

/** Converts a turn. */
export function turnRecordOf(message: WireTurn): TurnRecord {
  return {
    id: message.id,
    sessionId: message.sessionId,
    sequence: Number(message.sequence),
    role: kindOf(Role, message.role),
    content: message.content,
    observedAt: timeOf(message.observedAt),
    recordedAt: timeOf(message.recordedAt),
    extractionStatus: kindOf(ExtractionStatus, message.extractionStatus),
    hidden: message.hidden,
  };
}

/** Converts a session. */
export function sessionInfoOf(message: WireSession): SessionInfo {
  return {
    id: message.id,
    contextId: message.contextId,
    scope: scopeOf(message.scope),
    metadata: { ...message.metadata },
    state: kindOf(SessionState, message.state),
    createdAt: timeOf(message.createdAt),
    closedAt: optionalTimeOf(message.closedAt),
    turnCount: Number(message.turnCount),
  };
}
