/** The memory of one context: profiles, context, facts, forgetting, and moving it whole. */

import type { ImportReceipt } from "./admin-models.js";
import { diffOf, entityTo, forgottenOf, profileOf, scopeTo, timeTo } from "./convert.js";
import { Category as WireCategory } from "./gen/spectron/v1/attribute_pb.js";
import { MemoryService } from "./gen/spectron/v1/memory_service_pb.js";
import { TransferService } from "./gen/spectron/v1/transfer_service_pb.js";
import { kindTo, type Category, type Named } from "./kinds.js";
import { Entities, Unknowns } from "./knowledge.js";
import type { ContextResult, Diff, Forgotten, Profile } from "./models.js";
import type { CallOptions, ChangeOptions, Scope } from "./options.js";
import { present } from "./present.js";
import { getContext, type ContextQuery } from "./retrieval.js";
import { Sessions } from "./sessions.js";
import { recordOf, requestsFor, type TransferRecord } from "./transfer.js";
import type { Transport } from "./transport.js";

export const DEFAULT_TRANSFER_TIMEOUT_MS = 3_600_000;

/** Whose profile, and how. */
export interface ProfileQuery extends CallOptions {
  /** Whose profile, such as `{ user: "alice" }`. */
  scope: Scope;
  /** The summary's budget in tokens; absent: 400. */
  maxTokens?: number | undefined;
  /** The beliefs of this moment; absent: now. */
  asOf?: Date | undefined;
  /** Wait until the turn of this id has been extracted. */
  minTurn?: string | undefined;
}

/** What to forget: at least one selector after the scope; those given must all match. */
export interface ForgetSelection extends ChangeOptions {
  /** Exactly this scope; beliefs of the scopes that it includes stay. */
  scope: Scope;
  /** Only entities of this type. */
  entityType?: string | undefined;
  /** Only the entity of this name. */
  entityName?: string | undefined;
  /** Only attributes of this key. */
  attributeKey?: string | undefined;
  /** Only attributes of this category. */
  category?: Named<Category> | undefined;
  /** Change nothing, and return what would be forgotten. */
  dryRun?: boolean | undefined;
}

/** A fact that the application knows without a conversation. */
export interface NewFact extends ChangeOptions {
  /** Whose fact it is. */
  scope: Scope;
  /** The attribute's key in snake_case, such as `employer`. */
  key: string;
  /** Its value. */
  value: string;
  /** Its category; absent: as the ontology says. */
  category?: Named<Category> | undefined;
  /** What the entity is; with no name either, the scope's user is meant. */
  entityType?: string | undefined;
  /** The entity's name. */
  entityName?: string | undefined;
  /** How sure it is, 0 to 1; absent: 1. */
  confidence?: number | undefined;
  /** From when it is true; absent: now. */
  validFrom?: Date | undefined;
}

/** One application's memory. Made by `Spectron.memory`. */
export class Memory {
  /** The context; empty: the one that the key is bound to. */
  readonly contextId: string;
  /** The conversations. */
  readonly sessions: Sessions;
  /** What is known, by entity. */
  readonly entities: Entities;
  /** The doubts that await review. */
  readonly unknowns: Unknowns;
  readonly #transport: Transport;

  /** @internal Made by `Spectron`. */
  constructor(transport: Transport, contextId: string) {
    this.contextId = contextId;
    this.sessions = new Sessions(transport, contextId);
    this.entities = new Entities(transport, contextId);
    this.unknowns = new Unknowns(transport, contextId);
    this.#transport = transport;
  }

  /**
   * Returns what is known of a scope, as prose for a system prompt and as a list.
   *
   * @returns The profile; empty if nothing is known.
   */
  async profile({ scope, maxTokens, asOf, minTurn, ...options }: ProfileQuery): Promise<Profile> {
    const moment = timeTo(asOf, "asOf");
    const { profile } = await this.#transport.unary(
      MemoryService.method.getProfile,
      {
        contextId: this.contextId,
        scope: scopeTo(scope),
        maxTokens: maxTokens ?? 0,
        ...(moment && { asOf: moment }),
        minTurn: minTurn ?? "",
      },
      options,
    );
    return profileOf(profile);
  }

  /**
   * Returns the facts and turns of a scope that bear on a query.
   *
   * @returns What bears on the query, best first.
   */
  async context({ scope, ...query }: ContextQuery & { scope: Scope }): Promise<ContextResult> {
    const target = { case: "scope", value: scopeTo(scope) } as const;
    return getContext(this.#transport, this.contextId, target, query);
  }

  /**
   * Ends beliefs from now on, and takes the text they came from out of retrieval.
   *
   * The records are kept for audit; `Spectron.admin.eraseScope` deletes for good.
   *
   * @returns What was forgotten.
   * @throws InvalidArgumentError if there is no selector besides the scope.
   */
  async forget(selection: ForgetSelection): Promise<Forgotten> {
    const { scope, entityType, entityName, attributeKey, category, dryRun, requestId, ...options } =
      selection;
    const response = await this.#transport.unary(
      MemoryService.method.forget,
      {
        contextId: this.contextId,
        requestId: this.#transport.requestId(requestId),
        scope: scopeTo(scope),
        entityType: entityType ?? "",
        entityName: entityName ?? "",
        attributeKey: attributeKey ?? "",
        category: kindTo(WireCategory, category, "category"),
        dryRun: dryRun ?? false,
      },
      options,
    );
    return forgottenOf(response);
  }

  /**
   * Records a fact that the application knows without a conversation.
   *
   * @returns The difference it made to memory.
   */
  async recordFact(fact: NewFact): Promise<Diff> {
    const { scope, key, value, category, entityType, entityName, confidence, validFrom } = fact;
    const { requestId, timeoutMs, signal } = fact;
    const entity = entityTo(entityType, entityName);
    const since = timeTo(validFrom, "validFrom");
    const { diff } = await this.#transport.unary(
      MemoryService.method.recordFact,
      {
        contextId: this.contextId,
        requestId: this.#transport.requestId(requestId),
        scope: scopeTo(scope),
        ...(entity && { entity }),
        category: kindTo(WireCategory, category, "category"),
        key,
        value,
        ...(confidence !== undefined && { confidence }),
        ...(since && { validFrom: since }),
      },
      { timeoutMs, signal },
    );
    return diffOf(diff);
  }

  /**
   * Yields everything that the context holds, with its history. Needs an admin key.
   *
   * @param options - `timeoutMs`: the deadline of the whole export; absent: an hour.
   * @returns The records, in the order in which `import` takes them.
   */
  async *export(options: CallOptions = {}): AsyncGenerator<TransferRecord, void, undefined> {
    const responses = this.#transport.stream(
      TransferService.method.exportContext,
      { contextId: this.contextId },
      { timeoutMs: DEFAULT_TRANSFER_TIMEOUT_MS, ...options },
    );
    for await (const { record } of responses) yield recordOf(present(record));
  }

  /**
   * Takes the records of an export into this context, which must be empty: all or nothing.
   *
   * The call is not retried. Needs an admin key.
   *
   * @param records - The records, in the order of the export.
   * @param options - `timeoutMs`: the deadline of the whole import; absent: an hour.
   * @returns How many records of each kind were imported.
   * @throws TypeError if a record's fields are not those of its kind; nothing was imported.
   * @throws FailedPreconditionError if the context holds data.
   */
  async import(
    records: Iterable<TransferRecord> | AsyncIterable<TransferRecord>,
    options: CallOptions = {},
  ): Promise<ImportReceipt> {
    const response = await this.#transport.upload(
      TransferService.method.importContext,
      requestsFor(records, this.contextId),
      { timeoutMs: DEFAULT_TRANSFER_TIMEOUT_MS, ...options },
    );
    return {
      sessionCount: Number(response.sessionCount),
      turnCount: Number(response.turnCount),
      attributeCount: Number(response.attributeCount),
      unknownCount: Number(response.unknownCount),
    };
  }
}
