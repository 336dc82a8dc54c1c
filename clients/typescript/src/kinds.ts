/**
 * The kinds, states and reasons that the API speaks of, as string unions.
 *
 * They are derived from the generated enums, so that they cannot drift from the API. Each is a
 * name in lower case, so that `attribute.category === "instructions"` holds; reasons keep their
 * upper case. `unspecified` stands for a value that a newer server sent and this client does not
 * know.
 */

import type { AttributeStatus as WireAttributeStatus } from "./gen/spectron/v1/attribute_pb.js";
import type { Category as WireCategory } from "./gen/spectron/v1/attribute_pb.js";
import type { ContextItemKind as WireContextItemKind } from "./gen/spectron/v1/memory_pb.js";
import type { ErrorReason as WireErrorReason } from "./gen/spectron/v1/error_reason_pb.js";
import type { KeyRole as WireKeyRole } from "./gen/spectron/v1/admin_pb.js";
import type { SessionState as WireSessionState } from "./gen/spectron/v1/session_pb.js";
import type {
  ChangeAction as WireChangeAction,
  ExtractionStatus as WireExtractionStatus,
  Role as WireRole,
} from "./gen/spectron/v1/turn_pb.js";
import type {
  UnknownReason as WireUnknownReason,
  UnknownResolution as WireUnknownResolution,
} from "./gen/spectron/v1/unknown_pb.js";

/** The shape of a generated enum: names to numbers, and numbers back to names. */
export type WireEnum = Readonly<Record<string, string | number>>;

/** The members of a generated enum, in lower case. */
export type KindOf<Enum> = Lowercase<Extract<keyof Enum, string>>;

/** A kind that a call may name: any but `unspecified`. */
export type Named<Kind extends string> = Exclude<Kind, "unspecified">;

/** What became of a belief: `active`, `superseded`, `expired` or `disputed`. */
export type AttributeStatus = KindOf<typeof WireAttributeStatus>;

/** The five kinds of memory: `identity`, `knowledge`, `context`, `instructions`, `unknowns`. */
export type Category = KindOf<typeof WireCategory>;

/** What a change did: `added`, `updated`, `confirmed`, `expired` or `backfilled`. */
export type ChangeAction = KindOf<typeof WireChangeAction>;

/** What a context item is: something believed (`fact`), or something said (`turn`). */
export type ContextItemKind = KindOf<typeof WireContextItemKind>;

/** Why a call failed, such as `SESSION_CLOSED`; `error_reason.proto` explains each. */
export type ErrorReason = Extract<keyof typeof WireErrorReason, string>;

/** How far the extraction of a turn has come: `pending`, `done` or `failed`. */
export type ExtractionStatus = KindOf<typeof WireExtractionStatus>;

/** What an API key may do: `read`, `write` or `admin`. */
export type KeyRole = KindOf<typeof WireKeyRole>;

/** Who says a turn: `user`, `assistant`, `system` or `tool`. */
export type Role = KindOf<typeof WireRole>;

/** Whether a session takes more turns: `open` or `closed`. */
export type SessionState = KindOf<typeof WireSessionState>;

/** Why something is in doubt: `hedged`, `contradiction`, `low_confidence` or `unclear_time`. */
export type UnknownReason = KindOf<typeof WireUnknownReason>;

/** How a doubt was settled: `accepted`, `dismissed` or `forgotten`; else `unspecified`. */
export type UnknownResolution = KindOf<typeof WireUnknownResolution>;

/**
 * Returns the kind for a number on the wire; `unspecified` for one that is not known here.
 */
export function kindOf<Enum extends WireEnum>(wire: Enum, number: number): KindOf<Enum> {
  const name = (wire as WireEnum)[number] ?? "UNSPECIFIED";
  return String(name).toLowerCase() as KindOf<Enum>;
}

/**
 * Returns the number on the wire for a kind; that of UNSPECIFIED if none is given.
 *
 * @param wire - The generated enum.
 * @param given - The kind.
 * @param name - What the argument is called, for the message.
 * @throws TypeError if there is no such kind, as plain JavaScript may pass.
 */
export function kindTo<Enum extends WireEnum>(
  wire: Enum,
  given: string | undefined,
  name: string,
): Extract<Enum[keyof Enum], number> {
  if (given === undefined) return 0 as Extract<Enum[keyof Enum], number>;
  const number = given === given.toLowerCase() ? wire[given.toUpperCase()] : undefined;
  if (typeof number !== "number") {
    const known = Object.keys(wire).filter((each) => Number.isNaN(Number(each)));
    const kinds = known.filter((each) => each !== "UNSPECIFIED").map((each) => each.toLowerCase());
    throw new TypeError(`${name} must be one of ${kinds.join(", ")}`);
  }
  return number as Extract<Enum[keyof Enum], number>;
}
