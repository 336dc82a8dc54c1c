/** Administration: contexts, keys, erasure, figures and the audit trail. Needs an admin key. */

import type {
  AuditEntry,
  ErasureReceipt,
  Key,
  MemoryContext,
  NewKey,
  Stats,
} from "./admin-models.js";
import { optionalTimeOf, scopeOf, scopeTo, timeOf, timeTo } from "./convert.js";
import {
  KeyRole as WireKeyRole,
  type AuditEntry as WireAuditEntry,
  type Key as WireKey,
  type MemoryContext as WireContext,
} from "./gen/spectron/v1/admin_pb.js";
import { AdminService } from "./gen/spectron/v1/admin_service_pb.js";
import { kindOf, kindTo, type KeyRole, type Named } from "./kinds.js";
import { Listing } from "./listing.js";
import type { CallOptions, ChangeOptions, ListOptions, Scope } from "./options.js";
import { present } from "./present.js";
import type { Transport } from "./transport.js";

/** The key to make. */
export interface KeySpec extends ChangeOptions {
  /** What it may do. */
  role: Named<KeyRole>;
  /** The context it is bound to, or `*` for all; absent: the caller's. */
  contextId?: string | undefined;
  /** What it is for. */
  label?: string | undefined;
  /** When it stops working; absent: never. */
  expiresAt?: Date | undefined;
}

/** Which keys to list. */
export interface KeyQuery extends ListOptions {
  /** The context, or `*` for keys bound to all; absent: the caller's. */
  contextId?: string | undefined;
}

/** What to erase. */
export interface ScopeErasure extends ChangeOptions {
  /** Everything whose scope includes this one goes; not empty. */
  scope: Scope;
  /** The context; absent: the one that the key is bound to. */
  contextId?: string | undefined;
}

/** Whose audit trail to list. */
export interface AuditQuery extends ListOptions {
  /** What this scope sees. */
  scope: Scope;
  /** The context; absent: the one that the key is bound to. */
  contextId?: string | undefined;
}

/** The contexts of a server. */
export class Contexts {
  readonly #transport: Transport;

  /** @internal Made by `Admin`. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Makes a context.
   *
   * @throws AlreadyExistsError if there is one of that name.
   */
  async create(
    contextId: string,
    { requestId, ...options }: ChangeOptions = {},
  ): Promise<MemoryContext> {
    const { context } = await this.#transport.unary(
      AdminService.method.createContext,
      { contextId, requestId: this.#transport.requestId(requestId) },
      options,
    );
    return contextOf(present(context));
  }

  /** Lists the contexts, by name: await it for an array, or walk it with `for await`. */
  list({ limit, ...options }: ListOptions = {}): Listing<MemoryContext> {
    return new Listing(async (pageSize, pageToken) => {
      const { contexts, nextPageToken } = await this.#transport.unary(
        AdminService.method.listContexts,
        { pageSize, pageToken },
        options,
      );
      return { items: contexts.map(contextOf), nextPageToken };
    }, limit);
  }
}

/** The API keys of a server. */
export class Keys {
  readonly #transport: Transport;

  /** @internal Made by `Admin`. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Makes a key and returns its secret, this once.
   *
   * The call is not retried: the server does not keep the secret, so that a repeated call could
   * not return it.
   */
  async create(spec: KeySpec): Promise<NewKey> {
    const { role, contextId, label, expiresAt, requestId, ...options } = spec;
    const expiry = timeTo(expiresAt, "expiresAt");
    const { key, secret } = await this.#transport.unary(
      AdminService.method.createKey,
      {
        contextId: contextId ?? "",
        requestId: this.#transport.requestId(requestId),
        role: kindTo(WireKeyRole, role, "role"),
        label: label ?? "",
        ...(expiry && { expiresAt: expiry }),
      },
      { ...options, retry: false },
    );
    return { key: keyOf(present(key)), secret };
  }

  /**
   * Lists the keys of a context, without their secrets, oldest first.
   *
   * @returns The keys: await it for an array, or walk it with `for await`.
   */
  list({ contextId, limit, ...options }: KeyQuery = {}): Listing<Key> {
    return new Listing(async (pageSize, pageToken) => {
      const { keys, nextPageToken } = await this.#transport.unary(
        AdminService.method.listKeys,
        { contextId: contextId ?? "", pageSize, pageToken },
        options,
      );
      return { items: keys.map(keyOf), nextPageToken };
    }, limit);
  }

  /** Revokes a key by its id: it stops working at once. Revoking it again changes nothing. */
  async revoke(keyId: string, { requestId, ...options }: ChangeOptions = {}): Promise<Key> {
    const { key } = await this.#transport.unary(
      AdminService.method.revokeKey,
      { keyId, requestId: this.#transport.requestId(requestId) },
      options,
    );
    return keyOf(present(key));
  }
}

/** The administration of a server. Made by `Spectron.admin`. */
export class Admin {
  /** The contexts. */
  readonly contexts: Contexts;
  /** The API keys. */
  readonly keys: Keys;
  readonly #transport: Transport;

  /** @internal Made by `Spectron`. */
  constructor(transport: Transport) {
    this.contexts = new Contexts(transport);
    this.keys = new Keys(transport);
    this.#transport = transport;
  }

  /** Deletes for good everything whose scope includes the given one. */
  async eraseScope({ scope, contextId, ...options }: ScopeErasure): Promise<ErasureReceipt> {
    return this.#erase({ contextId: contextId ?? "", scope: scopeTo(scope) }, options);
  }

  /** Deletes for good everything in a context. */
  async eraseContext(contextId: string, options: ChangeOptions = {}): Promise<ErasureReceipt> {
    return this.#erase({ contextId, wholeContext: true }, options);
  }

  /** Returns how much a context holds, and how its extraction keeps up. */
  async stats({
    contextId,
    ...options
  }: CallOptions & { contextId?: string | undefined } = {}): Promise<Stats> {
    const response = await this.#transport.unary(
      AdminService.method.getStats,
      { contextId: contextId ?? "" },
      options,
    );
    const stats = present(response.stats);
    return {
      scopeCount: Number(stats.scopeCount),
      sessionCount: Number(stats.sessionCount),
      turnCount: Number(stats.turnCount),
      pendingCount: Number(stats.pendingCount),
      failedCount: Number(stats.failedCount),
      activeAttributeCount: Number(stats.activeAttributeCount),
      attributeCount: Number(stats.attributeCount),
      openUnknownCount: Number(stats.openUnknownCount),
      oldestPendingAt: optionalTimeOf(stats.oldestPendingAt),
    };
  }

  /**
   * Lists what was changed in the scopes that a scope sees, newest first.
   *
   * @returns The entries: await it for an array, or walk it with `for await`.
   */
  audit({ scope, contextId, limit, ...options }: AuditQuery): Listing<AuditEntry> {
    const wireScope = scopeTo(scope);
    return new Listing(async (pageSize, pageToken) => {
      const { entries, nextPageToken } = await this.#transport.unary(
        AdminService.method.listAuditEntries,
        { contextId: contextId ?? "", scope: wireScope, pageSize, pageToken },
        options,
      );
      return { items: entries.map(auditEntryOf), nextPageToken };
    }, limit);
  }

  async #erase(
    what: { contextId: string; scope?: ReturnType<typeof scopeTo>; wholeContext?: boolean },
    { requestId, ...options }: ChangeOptions,
  ): Promise<ErasureReceipt> {
    const response = await this.#transport.unary(
      AdminService.method.eraseScope,
      { ...what, requestId: this.#transport.requestId(requestId) },
      options,
    );
    const receipt = present(response.receipt);
    return {
      id: receipt.id,
      erasedAt: timeOf(receipt.erasedAt),
      scopeCount: Number(receipt.scopeCount),
      sessionCount: Number(receipt.sessionCount),
      turnCount: Number(receipt.turnCount),
      attributeCount: Number(receipt.attributeCount),
      unknownCount: Number(receipt.unknownCount),
      auditCount: Number(receipt.auditCount),
    };
  }
}

function contextOf(message: WireContext): MemoryContext {
  return { id: message.id, createdAt: timeOf(message.createdAt) };
}

function keyOf(message: WireKey): Key {
  return {
    id: message.id,
    contextId: message.contextId,
    role: kindOf(WireKeyRole, message.role),
    label: message.label,
    createdAt: timeOf(message.createdAt),
    expiresAt: optionalTimeOf(message.expiresAt),
    revokedAt: optionalTimeOf(message.revokedAt),
  };
}

function auditEntryOf(message: WireAuditEntry): AuditEntry {
  return {
    id: message.id,
    at: timeOf(message.at),
    action: message.action,
    keyId: message.keyId || null,
    scope: scopeOf(message.scope),
    details: { ...message.details },
  };
}
