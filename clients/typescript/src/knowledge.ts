/** What is known, piece by piece: entities with their histories, and doubts to be settled. */

import { attributeOf, diffOf, entityOf, entityTo, scopeTo, timeTo, unknownOf } from "./convert.js";
import { MemoryService } from "./gen/spectron/v1/memory_service_pb.js";
import { Listing } from "./listing.js";
import type { Attribute, Entity, ResolvedUnknown, Unknown } from "./models.js";
import type { CallOptions, ChangeOptions, ListOptions, Scope } from "./options.js";
import { present } from "./present.js";
import type { Transport } from "./transport.js";

/** Which entities to list. */
export interface EntityQuery extends ListOptions {
  /** The scope. */
  scope: Scope;
  /** Only entities of this type, such as `Person`; absent: all. */
  entityType?: string | undefined;
  /** The beliefs of this moment; absent: now. */
  asOf?: Date | undefined;
  /** Wait until the turn of this id has been extracted. */
  minTurn?: string | undefined;
}

/** Which entity to return. */
export interface EntitySelection extends CallOptions {
  /** The scope. */
  scope: Scope;
  /** What it is, such as `Person`. */
  entityType: string;
  /** Its name; the user's is the scope's `user` value. */
  entityName: string;
  /** The beliefs of this moment; absent: now. */
  asOf?: Date | undefined;
}

/** Which attribute's history to list. */
export interface HistoryQuery extends ListOptions {
  /** The scope. */
  scope: Scope;
  /** The attribute's key, such as `location`. */
  key: string;
  /** What the entity is; with no name either, the scope's user is meant. */
  entityType?: string | undefined;
  /** The entity's name. */
  entityName?: string | undefined;
}

/** Which doubts to list. */
export interface UnknownQuery extends ListOptions {
  /** The scope. */
  scope: Scope;
  /** Whether to list those that were settled, too. */
  includeResolved?: boolean | undefined;
}

/** How to settle a doubt: record a value as a fact, or put it aside. */
export type Resolution = { accept: string } | { dismiss: true };

/** The people, pets, organisations and projects that something is known of. */
export class Entities {
  readonly #transport: Transport;
  readonly #contextId: string;

  /** @internal Made by `Memory`. */
  constructor(transport: Transport, contextId: string) {
    this.#transport = transport;
    this.#contextId = contextId;
  }

  /**
   * Lists what a scope knows of, the user first, with all attributes.
   *
   * @returns The entities: await it for an array, or walk it with `for await`.
   */
  list({ scope, entityType, asOf, minTurn, limit, ...options }: EntityQuery): Listing<Entity> {
    const wireScope = scopeTo(scope);
    const moment = timeTo(asOf, "asOf");
    return new Listing(async (pageSize, pageToken) => {
      const response = await this.#transport.unary(
        MemoryService.method.listEntities,
        {
          contextId: this.#contextId,
          scope: wireScope,
          type: entityType ?? "",
          ...(moment && { asOf: moment }),
          minTurn: minTurn ?? "",
          pageSize,
          pageToken,
        },
        options,
      );
      return {
        items: response.entities.map(entityOf),
        nextPageToken: response.nextPageToken,
      };
    }, limit);
  }

  /**
   * Returns one entity with its attributes.
   *
   * @throws NotFoundError if nothing is known of it.
   */
  async get(selection: EntitySelection): Promise<Entity> {
    const { scope, entityType, entityName, asOf, ...options } = selection;
    const moment = timeTo(asOf, "asOf");
    const { entity } = await this.#transport.unary(
      MemoryService.method.getEntity,
      {
        contextId: this.#contextId,
        scope: scopeTo(scope),
        entity: { type: entityType, name: entityName },
        ...(moment && { asOf: moment }),
      },
      options,
    );
    return entityOf(present(entity));
  }

  /**
   * Lists all values that an attribute ever had, oldest first.
   *
   * @returns The beliefs: await it for an array, or walk it with `for await`.
   */
  history(query: HistoryQuery): Listing<Attribute> {
    const { scope, key, entityType, entityName, limit, ...options } = query;
    const wireScope = scopeTo(scope);
    const entity = entityTo(entityType, entityName);
    return new Listing(async (pageSize, pageToken) => {
      const response = await this.#transport.unary(
        MemoryService.method.getAttributeHistory,
        {
          contextId: this.#contextId,
          scope: wireScope,
          ...(entity && { entity }),
          key,
          pageSize,
          pageToken,
        },
        options,
      );
      return {
        items: response.attributes.map(attributeOf),
        nextPageToken: response.nextPageToken,
      };
    }, limit);
  }
}

/** The doubts that await review. */
export class Unknowns {
  readonly #transport: Transport;
  readonly #contextId: string;

  /** @internal Made by `Memory`. */
  constructor(transport: Transport, contextId: string) {
    this.#transport = transport;
    this.#contextId = contextId;
  }

  /**
   * Lists the doubts that a scope sees, newest first.
   *
   * @returns The doubts: await it for an array, or walk it with `for await`.
   */
  list({ scope, includeResolved, limit, ...options }: UnknownQuery): Listing<Unknown> {
    const wireScope = scopeTo(scope);
    return new Listing(async (pageSize, pageToken) => {
      const response = await this.#transport.unary(
        MemoryService.method.listUnknowns,
        {
          contextId: this.#contextId,
          scope: wireScope,
          includeResolved: includeResolved ?? false,
          pageSize,
          pageToken,
        },
        options,
      );
      return {
        items: response.unknowns.map(unknownOf),
        nextPageToken: response.nextPageToken,
      };
    }, limit);
  }

  /**
   * Settles a doubt, either way.
   *
   * @param unknownId - The doubt's id.
   * @param how - `{ accept: value }` records the value as a fact, which supersedes what was
   *   believed; `{ dismiss: true }` puts the doubt aside.
   * @returns The doubt, resolved, and what accepting its value changed.
   * @throws FailedPreconditionError if it was settled before.
   */
  async resolve(unknownId: string, how: Resolution & ChangeOptions): Promise<ResolvedUnknown> {
    const { requestId, timeoutMs, signal } = how;
    const { unknown, diff } = await this.#transport.unary(
      MemoryService.method.resolveUnknown,
      {
        contextId: this.#contextId,
        requestId: this.#transport.requestId(requestId),
        unknownId,
        resolution:
          "accept" in how
            ? { case: "acceptValue", value: how.accept }
            : { case: "dismiss", value: how.dismiss },
      },
      { timeoutMs, signal },
    );
    return { unknown: unknownOf(present(unknown)), diff: diffOf(diff) };
  }
}
