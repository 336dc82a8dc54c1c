/** What the server knows, as plain values: beliefs, profiles, contexts, doubts, extractions. */

import type {
  AttributeStatus,
  Category,
  ChangeAction,
  ContextItemKind,
  ExtractionStatus,
  Role,
  UnknownReason,
  UnknownResolution,
} from "./kinds.js";
import type { Scope } from "./options.js";

/** Names an entity within a scope, such as `Person` `alice`. */
export interface EntityRef {
  readonly type: string;
  readonly name: string;
}

/** The words that prove a belief. */
export interface Evidence {
  /** The turn they stand in. */
  readonly turnId: string;
  /** Where they start in the turn's content, in Unicode code points from 0. */
  readonly start: number;
  /** Where they end, exclusive. */
  readonly end: number;
  /** The words; empty after the turn was hidden by `forget`. */
  readonly quote: string;
}

/** One belief: that an attribute of an entity had a value for a time. */
export interface Attribute {
  readonly id: string;
  /** What it is about. */
  readonly entity: EntityRef;
  /** Which kind of memory it is. */
  readonly category: Category;
  /** Its name in snake_case, such as `employer`. */
  readonly key: string;
  readonly value: string;
  /** How sure the server is, 0 to 1. */
  readonly confidence: number;
  /** What proves it; null for a fact recorded directly. */
  readonly evidence: Evidence | null;
  /** The id of the turn that proves it; null for a fact recorded directly. */
  readonly sourceTurn: string | null;
  /** From when it was true. */
  readonly validFrom: Date;
  /** Until when, exclusive; null: it still is. */
  readonly validUntil: Date | null;
  /** When the server learned it. */
  readonly recordedAt: Date;
  /** When it was last stated or confirmed. */
  readonly lastValidatedAt: Date;
  /** The id of the belief that it replaced. */
  readonly supersedes: string | null;
  /** The id of the belief that replaced it. */
  readonly supersededBy: string | null;
  /** What became of it. */
  readonly status: AttributeStatus;
  /** The scope it was learned in. */
  readonly scope: Scope;
}

/** A person, organisation, pet, project or other thing, with what is believed of it. */
export interface Entity {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly attributes: readonly Attribute[];
}

/** Everything that is known of a scope. */
export interface Profile {
  /** The scope asked for. */
  readonly scope: Scope;
  /** Dense prose for a system prompt; empty if nothing is known. */
  readonly summary: string;
  /** What is believed, the most trusted and most recently validated first. */
  readonly attributes: readonly Attribute[];
  /** A counter that grows with every change. */
  readonly revision: number;
  /** The moment the profile tells of; null: now. */
  readonly asOf: Date | null;
}

/** One thing that bears on a query. */
export interface ContextItem {
  /** A fact or a turn. */
  readonly kind: ContextItemKind;
  /** The fact as a sentence, which tells the values of `others` too; or the turn verbatim. */
  readonly text: string;
  /** How well it fits, higher is better; comparable within one result only. */
  readonly score: number;
  /** The turn it came from or is; null for a fact recorded directly. */
  readonly sourceTurn: string | null;
  /** The session of that turn. */
  readonly sessionId: string | null;
  /** When it was said, or from when it was true. */
  readonly observedAt: Date;
  /** The belief, if the item is a fact. */
  readonly attribute: Attribute | null;
  /** Who said it, if the item is a turn. */
  readonly role: Role | null;
  /** Further beliefs of the same entity and key, best first, if the key takes many. */
  readonly others: readonly Attribute[];
}

/** What bears on a query. */
export interface ContextResult {
  /** Best first. */
  readonly items: readonly ContextItem[];
  /** The items as a block of text for a prompt; empty if there are none. */
  readonly formatted: string;
  /** As in `Profile`. */
  readonly revision: number;
}

/** A doubt: the attribute `about` of an entity may have a value. */
export interface Unknown {
  readonly id: string;
  /** What it is about. */
  readonly entity: EntityRef;
  /** The key of the attribute, such as `location`. */
  readonly about: string;
  /** The value in doubt. */
  readonly value: string;
  /** The category that the attribute would have. */
  readonly category: Category;
  /** Why it is in doubt. */
  readonly reason: UnknownReason;
  /** What was said. */
  readonly evidence: Evidence | null;
  /** When it was said. */
  readonly raisedAt: Date;
  /** When the server learned it. */
  readonly recordedAt: Date;
  /** Whether it is settled. */
  readonly resolved: boolean;
  /** How it was settled; `unspecified` while it is not. */
  readonly resolution: UnknownResolution;
  /** When it was settled. */
  readonly resolvedAt: Date | null;
  /** The id of the belief that it contradicts. */
  readonly conflictsWith: string | null;
  /** The scope it was learned in. */
  readonly scope: Scope;
}

/** One change of one attribute. */
export interface AttributeChange {
  /** What happened. */
  readonly action: ChangeAction;
  /** The attribute after the change. */
  readonly attribute: Attribute;
  /** The value before, if it was updated. */
  readonly previousValue: string | null;
  /** The attribute's own. */
  readonly entity: EntityRef;
  /** The attribute's own. */
  readonly category: Category;
  /** The attribute's own. */
  readonly key: string;
  /** The value after the change. */
  readonly value: string;
  /** From when the value is true. */
  readonly validFrom: Date;
}

/** The difference that a turn, or a fact recorded directly, made to memory. */
export interface Diff {
  /** Changes to attributes, in the order they were made; the lists below sort them by action. */
  readonly changes: readonly AttributeChange[];
  /** Values where there were none, and further values of keys that take many. */
  readonly added: readonly AttributeChange[];
  /** Values that replaced another, which `previousValue` holds. */
  readonly updated: readonly AttributeChange[];
  /** Values that were stated again. */
  readonly confirmed: readonly AttributeChange[];
  /** Values that no longer hold, without another in their place. */
  readonly expired: readonly AttributeChange[];
  /** Statements about the past that took their place in the history. */
  readonly backfilled: readonly AttributeChange[];
  /** Doubts that were raised. */
  readonly unknowns: readonly Unknown[];
  /** Earlier doubts that were settled. */
  readonly unknownsResolved: readonly Unknown[];
}

/** The extraction of one turn. */
export interface Extraction {
  readonly turnId: string;
  /** How far it has come. */
  readonly status: ExtractionStatus;
  /** What was learned; empty while pending, and if it failed. */
  readonly diff: Diff;
  /** When it finished or was given up; null while pending. */
  readonly finishedAt: Date | null;
  /** How many times it was tried. */
  readonly attempts: number;
  /** Why it failed; empty unless it did. */
  readonly error: string;
  /** Which extractor did it; empty while pending. */
  readonly extractor: string;
  /** How many proposals were dropped for want of evidence. */
  readonly droppedCount: number;
}

/** What was forgotten; with `dryRun`, what would be. */
export interface Forgotten {
  /** The beliefs that ended, at most 500. */
  readonly attributes: readonly Attribute[];
  /** How many beliefs ended, of which `attributes` are the first. */
  readonly attributeCount: number;
  /** How many doubts were settled as forgotten. */
  readonly unknownCount: number;
  /** How many turns were taken out of retrieval. */
  readonly turnCount: number;
}

/** A settled doubt, and what accepting its value changed. */
export interface ResolvedUnknown {
  readonly unknown: Unknown;
  readonly diff: Diff;
}
