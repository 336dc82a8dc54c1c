/** Sessions and turns as values: what the server said of them, and turns to be recorded. */

import type { ExtractionStatus, Named, Role, SessionState } from "./kinds.js";
import type { Scope } from "./options.js";

/** One utterance of a session, as the server recorded it. */
export interface TurnRecord {
  readonly id: string;
  /** Its session. */
  readonly sessionId: string;
  /** Its place in the session, from 1, without gaps. */
  readonly sequence: number;
  /** Who said it. */
  readonly role: Role;
  /** What was said, verbatim. */
  readonly content: string;
  /** When it was said. */
  readonly observedAt: Date;
  /** When the server recorded it. */
  readonly recordedAt: Date;
  /** How far its extraction had come when the server answered. */
  readonly extractionStatus: ExtractionStatus;
  /** Whether `forget` took its text out of retrieval. */
  readonly hidden: boolean;
}

/** A turn to be recorded. */
export interface NewTurn {
  /** Who says it. */
  role: Named<Role>;
  /** What is said, up to 32 KiB. */
  content: string;
  /**
   * When it was said; absent: now. Past times load history. Words such as "yesterday" count from
   * its day in UTC.
   */
  observedAt?: Date | undefined;
}

/** A session as it was when the server answered. */
export interface SessionInfo {
  readonly id: string;
  /** The context it belongs to. */
  readonly contextId: string;
  /** Whose memory its turns feed. */
  readonly scope: Scope;
  /** The application's own labels. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether it takes more turns. */
  readonly state: SessionState;
  readonly createdAt: Date;
  /** When it was closed; null while it is open. */
  readonly closedAt: Date | null;
  /** How many turns were recorded in it. */
  readonly turnCount: number;
}
