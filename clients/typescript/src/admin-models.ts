/** What the administration of a server returns, as plain values. */

import type { KeyRole } from "./kinds.js";
import type { Scope } from "./options.js";

/** One application's memory. Nothing crosses from one context to another. */
export interface MemoryContext {
  readonly id: string;
  readonly createdAt: Date;
}

/** An API key, without its secret. */
export interface Key {
  /** The key's id; not the secret. */
  readonly id: string;
  /** The context it is bound to, or `*` for all. */
  readonly contextId: string;
  /** What it may do. */
  readonly role: KeyRole;
  /** What it is for, in its maker's words. */
  readonly label: string;
  readonly createdAt: Date;
  /** When it stops working; null: never. */
  readonly expiresAt: Date | null;
  /** When it was revoked; null: it was not. */
  readonly revokedAt: Date | null;
}

/** A key that was just made. */
export interface NewKey {
  readonly key: Key;
  /**
   * What clients send. The server cannot show it again. Empty if the call repeated a
   * `requestId`: revoke the key then, and make another.
   */
  readonly secret: string;
}

/** Proof that data was deleted for good, with how much of each kind. */
export interface ErasureReceipt {
  readonly id: string;
  readonly erasedAt: Date;
  readonly scopeCount: number;
  readonly sessionCount: number;
  readonly turnCount: number;
  readonly attributeCount: number;
  readonly unknownCount: number;
  readonly auditCount: number;
}

/** How much a context holds, and how its extraction keeps up. */
export interface Stats {
  readonly scopeCount: number;
  readonly sessionCount: number;
  readonly turnCount: number;
  /** How many turns await extraction. */
  readonly pendingCount: number;
  /** How many extractions failed for good. */
  readonly failedCount: number;
  /** How many beliefs hold now. */
  readonly activeAttributeCount: number;
  /** How many beliefs there ever were. */
  readonly attributeCount: number;
  /** How many doubts await review. */
  readonly openUnknownCount: number;
  /** When the oldest waiting turn was recorded; null: none waits. */
  readonly oldestPendingAt: Date | null;
}

/** One change to memory, for audit. It holds no user text. */
export interface AuditEntry {
  readonly id: string;
  /** When it happened. */
  readonly at: Date;
  /** What was done, such as `extract` or `forget`. */
  readonly action: string;
  /** The key that did it; null: the server's own worker. */
  readonly keyId: string | null;
  readonly scope: Scope;
  /** Counts and selectors. */
  readonly details: Readonly<Record<string, string>>;
}

/** How many records of each kind were imported. */
export interface ImportReceipt {
  readonly sessionCount: number;
  readonly turnCount: number;
  readonly attributeCount: number;
  readonly unknownCount: number;
}
