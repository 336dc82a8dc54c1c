/** What the README and the guides promise of memory, on a real server. */

import { describe, expect, inject, vi } from "vitest";
import { formatRecord, parseRecord, Spectron, type Session, type Turn } from "../src/index.js";
import { errorOf, freshName, test } from "./support.js";

const SCOPE = { user: "alice" };

/** Records what a user says, and waits until it is known. */
async function say(session: Session, content: string, observedAt?: Date): Promise<Turn> {
  const turn = await session.turn({ role: "user", content, observedAt });
  await turn.extraction({ timeoutMs: 60_000 });
  return turn;
}

describe("a conversation", () => {
  test("teaches, and its history stays", async ({ memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE, metadata: { channel: "web" } });
    expect(session.scope).toEqual(SCOPE);
    expect(session.info).toMatchObject({ state: "open", metadata: { channel: "web" } });
    const then = new Date("2024-01-15T09:00:00.123Z");
    const first = await say(session, "I'm Alice Chen and I live in Berlin.", then);
    expect(first).toMatchObject({ role: "user", sequence: 1, observedAt: then });
    const second = await say(session, "I just moved from Berlin to London.");
    const { diff } = await second.extraction();
    expect(diff.updated).toHaveLength(1);
    expect(diff.updated[0]).toMatchObject({
      action: "updated",
      entity: { type: "Person", name: "alice" },
      category: "identity",
      key: "location",
      value: "London",
      previousValue: "Berlin",
    });
    expect(diff.updated[0]?.attribute.sourceTurn).toBe(second.id);

    const profile = await memory.profile({ scope: SCOPE });
    expect(profile.summary).toContain("London");
    expect(profile.summary).not.toContain("Berlin");
    expect(profile).toMatchObject({ scope: SCOPE, asOf: null });
    expect(profile.revision).toBeGreaterThan(0);

    const chain = await memory.entities.history({ scope: SCOPE, key: "location" });
    expect(chain.map(({ value, status }) => [value, status])).toEqual([
      ["Berlin", "superseded"],
      ["London", "active"],
    ]);
    expect(chain[0]?.supersededBy).toBe(chain[1]?.id);
    expect(chain[0]?.evidence).toMatchObject({ turnId: first.id, quote: "I live in Berlin" });
  });

  test("is looked back on", async ({ memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE });
    await say(session, "I live in Berlin.", new Date("2024-01-15T09:00:00Z"));
    await say(session, "I moved to London.", new Date("2024-06-15T09:00:00Z"));
    const asOf = new Date("2024-03-01T00:00:00Z");
    const profile = await memory.profile({ scope: SCOPE, asOf });
    expect(profile.summary).toContain("Berlin");
    expect(profile.asOf).toEqual(asOf);
    const query = "Which city?";
    const found = await session.context({ query, asOf, topK: 1 });
    expect(found.items.map((each) => each.attribute?.value)).toEqual(["Berlin"]);
    const all = await memory.context({ scope: SCOPE, query, includeHistory: true });
    expect(all.items.map((each) => each.attribute?.value)).toContain("Berlin");
  });

  test("sees a belief from the moment that is told of it", async ({ memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE });
    await say(session, "I live in Berlin.");
    const [belief] = (await memory.profile({ scope: SCOPE })).attributes;
    const then = await memory.profile({ scope: SCOPE, asOf: belief?.validFrom });
    expect(then.attributes.map((each) => each.value)).toEqual(["Berlin"]);
  });

  test("is found by what bears on a question", async ({ memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE });
    await session.turns([
      { role: "user", content: "My favourite colour is green." },
      { role: "assistant", content: "A calm one." },
    ]);
    const turn = await say(session, "I work at Acme Corp.");
    const context = await session.context({ query: "Where does the user work?", minTurn: turn.id });
    expect(context.items[0]).toMatchObject({ kind: "fact", role: null });
    expect(context.items[0]?.text).toContain("Acme Corp");
    expect(context.formatted).toContain("Acme Corp");
    const said = context.items.find((each) => each.kind === "turn");
    expect(said).toMatchObject({ sessionId: session.id, attribute: null });
  });

  test("is listed and walked in pages", async ({ memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE });
    const turns = await session.turns(
      Array.from({ length: 205 }, (_, index) => ({ role: "tool", content: `Row ${index + 1}` })),
    );
    expect(turns).toHaveLength(205);
    const history = await session.history();
    expect(history.map((each) => each.sequence)).toEqual(turns.map((_, index) => index + 1));
    expect(await session.history({ limit: 3 })).toHaveLength(3);
    const walked: string[] = [];
    for await (const each of session.history()) {
      walked.push(each.content);
      if (walked.length === 201) break;
    }
    expect(walked.at(-1)).toBe("Row 201");
  });

  test("is closed, and takes no more turns", async ({ memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE });
    const closed = await session.close();
    expect(closed.state).toBe("closed");
    expect(session.info?.closedAt).toBeInstanceOf(Date);
    const error = await errorOf(session.turn({ role: "user", content: "Hello?" }));
    expect(error).toMatchObject({ name: "SessionClosedError", reason: "SESSION_CLOSED" });
    const open = await memory.sessions.create({ scope: SCOPE });
    const listed = await memory.sessions.list({ scope: SCOPE, state: "open" });
    expect(listed.map((each) => each.id)).toEqual([open.id]);
    const again = await memory.sessions.get(session.id);
    expect(again.info).toMatchObject({ id: session.id, state: "closed" });
    expect(memory.sessions.open(session.id).scope).toBeNull();
  });
});

describe("facts", () => {
  test("are recorded, confirmed and replaced", async ({ memory }) => {
    const fact = { scope: SCOPE, key: "employer" };
    const added = await memory.recordFact({ ...fact, value: "Acme", category: "identity" });
    expect(added.added[0]).toMatchObject({ key: "employer", value: "Acme", previousValue: null });
    expect(added.added[0]?.attribute).toMatchObject({ confidence: 1, evidence: null });
    const confirmed = await memory.recordFact({ ...fact, value: "Acme", confidence: 0.9 });
    expect(confirmed.confirmed).toHaveLength(1);
    const updated = await memory.recordFact({ ...fact, value: "Globex" });
    expect(updated.updated[0]?.previousValue).toBe("Acme");
    const late = await memory.recordFact({
      ...fact,
      value: "Initech",
      validFrom: new Date("2020-01-01T00:00:00Z"),
    });
    expect(late.backfilled[0]?.value).toBe("Initech");
  });

  test("are about entities, listed with the user first", async ({ memory }) => {
    const pet = { entityType: "Pet", entityName: "Rex" };
    await memory.recordFact({ scope: SCOPE, ...pet, key: "breed", value: "beagle" });
    await memory.recordFact({ scope: SCOPE, key: "location", value: "Oslo" });
    const entities = await memory.entities.list({ scope: SCOPE });
    expect(entities.map(({ type, name }) => `${type}/${name}`)).toEqual([
      "Person/alice",
      "Pet/Rex",
    ]);
    const pets = await memory.entities.list({ scope: SCOPE, entityType: "Pet" });
    expect(pets).toHaveLength(1);
    const rex = await memory.entities.get({ scope: SCOPE, ...pet });
    expect(rex.attributes.map(({ key, value }) => [key, value])).toEqual([["breed", "beagle"]]);
    const chain = await memory.entities.history({ scope: SCOPE, key: "breed", ...pet });
    expect(chain).toHaveLength(1);
    const nobody = memory.entities.get({ scope: SCOPE, entityType: "Pet", entityName: "Tom" });
    expect(await errorOf(nobody)).toMatchObject({ reason: "ENTITY_NOT_FOUND" });
  });

  test("are forgotten, after a look at which", async ({ memory }) => {
    await memory.recordFact({ scope: SCOPE, key: "employer", value: "Acme" });
    const selection = { scope: SCOPE, entityType: "Person", attributeKey: "employer" };
    const preview = await memory.forget({ ...selection, dryRun: true });
    expect(preview.attributeCount).toBe(1);
    expect((await memory.profile({ scope: SCOPE })).summary).toContain("Acme");
    const forgotten = await memory.forget(selection);
    expect(forgotten).toMatchObject({ attributeCount: 1, unknownCount: 0, turnCount: 0 });
    expect((await memory.profile({ scope: SCOPE })).summary).toBe("");
    const error = await errorOf(memory.forget({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "InvalidArgumentError", reason: "INVALID_FIELD" });
  });

  test("made twice with one request id are made once", async ({ memory }) => {
    const fact = { scope: SCOPE, key: "hobby", value: "chess", requestId: freshName() };
    const first = await memory.recordFact(fact);
    expect(await memory.recordFact(fact)).toEqual(first);
    const error = await errorOf(memory.recordFact({ ...fact, value: "go" }));
    expect(error).toMatchObject({ name: "AlreadyExistsError", reason: "REQUEST_ID_REUSED" });
  });
});

test("doubts are raised and settled", async ({ memory }) => {
  const session = await memory.sessions.create({ scope: SCOPE });
  await say(session, "I live in Berlin. I might move to Lisbon.");
  const [doubt] = await memory.unknowns.list({ scope: SCOPE });
  expect(doubt).toMatchObject({ about: "location", value: "Lisbon", resolved: false });
  const resolved = await memory.unknowns.resolve(doubt?.id ?? "", { accept: "Lisbon" });
  expect(resolved.unknown).toMatchObject({ resolved: true, resolution: "accepted" });
  expect(resolved.diff.updated[0]).toMatchObject({ value: "Lisbon", previousValue: "Berlin" });
  expect(await memory.unknowns.list({ scope: SCOPE })).toEqual([]);
  expect(await memory.unknowns.list({ scope: SCOPE, includeResolved: true })).toHaveLength(1);
  const again = memory.unknowns.resolve(doubt?.id ?? "", { dismiss: true });
  expect(await errorOf(again)).toMatchObject({ reason: "UNKNOWN_ALREADY_RESOLVED" });
});

describe("administration", () => {
  test("makes keys that do what their role allows, until they are revoked", async ({
    client,
    memory,
  }) => {
    const { contextId } = memory;
    await client.admin.contexts.create(contextId);
    const contexts = await client.admin.contexts.list();
    expect(contexts.map((each) => each.id)).toContain(contextId);
    const expiresAt = new Date(Date.now() + 3_600_000);
    const { key, secret } = await client.admin.keys.create({
      role: "read",
      contextId,
      label: "dashboard",
      expiresAt,
    });
    expect(key).toMatchObject({ contextId, role: "read", label: "dashboard", expiresAt });
    await using reader = new Spectron({ apiKey: secret, endpoint: inject("endpoint") });
    expect((await reader.memory().profile({ scope: SCOPE })).summary).toBe("");
    const refused = await errorOf(reader.memory().sessions.create({ scope: SCOPE }));
    expect(refused).toMatchObject({ name: "PermissionDeniedError", reason: "ROLE_NOT_ALLOWED" });
    const listed = await client.admin.keys.list({ contextId });
    expect(listed.map((each) => each.id)).toEqual([key.id]);
    expect((await client.admin.keys.revoke(key.id)).revokedAt).toBeInstanceOf(Date);
    const late = await errorOf(reader.memory().profile({ scope: SCOPE }));
    expect(late).toMatchObject({ name: "UnauthenticatedError", reason: "REVOKED_KEY" });
  });

  test("counts, audits and erases", async ({ client, memory }) => {
    const { contextId } = memory;
    await memory.recordFact({ scope: SCOPE, key: "employer", value: "Acme" });
    await memory.recordFact({ scope: { user: "bob" }, key: "employer", value: "Acme" });
    const stats = await client.admin.stats({ contextId });
    expect(stats).toMatchObject({ scopeCount: 2, activeAttributeCount: 2, oldestPendingAt: null });
    const [entry] = await client.admin.audit({ scope: SCOPE, contextId });
    expect(entry).toMatchObject({ action: "record_fact", scope: SCOPE });
    const receipt = await client.admin.eraseScope({ scope: SCOPE, contextId });
    expect(receipt).toMatchObject({ scopeCount: 1, attributeCount: 1 });
    const whole = await client.admin.eraseContext(contextId);
    expect(whole).toMatchObject({ scopeCount: 1, attributeCount: 1 });
    expect((await client.admin.stats({ contextId })).attributeCount).toBe(0);
  });

  test("moves a context, line by line", async ({ client, memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE });
    await say(session, "I live in Berlin. I might move to Lisbon.");
    const lines: string[] = [];
    for await (const record of memory.export()) lines.push(formatRecord(record));
    expect(lines.map((line) => parseRecord(line).kind)).toEqual([
      "session",
      "turn",
      "attribute",
      "unknown",
    ]);
    const other = client.memory({ contextId: freshName() });
    const receipt = await other.import(lines.map(parseRecord));
    expect(receipt).toEqual({ sessionCount: 1, turnCount: 1, attributeCount: 1, unknownCount: 1 });
    expect((await other.profile({ scope: SCOPE })).summary).toBe(
      (await memory.profile({ scope: SCOPE })).summary,
    );
    const error = await errorOf(other.import(lines.map(parseRecord)));
    expect(error).toMatchObject({ reason: "CONTEXT_NOT_EMPTY" });
  });

  test("imports nothing of what is broken", async ({ memory }) => {
    const session = { kind: "session", fields: { id: "session:1" } } as const;
    const broken = { kind: "turn", fields: { turn: { sequence: "many" } } } as const;
    await expect(memory.import([session, broken])).rejects.toThrow("record 2 is malformed");
    const source = (async function* () {
      yield await Promise.resolve(session);
      throw new Error("the disk is gone");
    })();
    await expect(memory.import(source)).rejects.toThrow("the disk is gone");
    expect(await memory.sessions.list({ scope: {} })).toEqual([]);
  });
});

describe("mistakes", () => {
  test("of the key are told", async () => {
    await using client = new Spectron({ apiKey: "sk-wrong", endpoint: inject("endpoint") });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "UnauthenticatedError", reason: "INVALID_KEY" });
  });

  test("in a request are told by their fields", async ({ memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE });
    const error = await errorOf(session.turn({ role: "user", content: "" }));
    expect(error).toMatchObject({
      name: "InvalidArgumentError",
      code: "INVALID_ARGUMENT",
      violations: [{ field: "turn.content" }],
    });
  });

  test("of plain JavaScript are told before anything is sent", async ({ memory }) => {
    const session = memory.sessions.open("session:none");
    const customer = { role: "customer" as "user", content: "Hello" };
    await expect(session.turn(customer)).rejects.toThrow("role must be one of user, assistant");
    const scope = { user: undefined as unknown as string };
    await expect(memory.profile({ scope })).rejects.toThrow("scope.user must be a string");
    expect(() => memory.entities.list({ scope })).toThrow("scope.user must be a string");
  });

  test("about what is not there are told", async ({ memory }) => {
    await memory.recordFact({ scope: SCOPE, key: "hobby", value: "chess" });
    const other = await memory.sessions.create({ scope: SCOPE });
    const gone = other.id.replace(/.{4}-/, "0000-");
    expect(await errorOf(memory.sessions.get(gone))).toMatchObject({
      name: "NotFoundError",
      reason: "SESSION_NOT_FOUND",
    });
  });
});

test("a turn that is not extracted in time goes on", async ({ memory }) => {
  const session = await memory.sessions.create({ scope: SCOPE });
  const turn = await session.turn({ role: "user", content: "I live in Berlin." });
  const error = await errorOf(turn.extraction({ timeoutMs: 1 }));
  expect(error).toMatchObject({ name: "DeadlineExceededError", metadata: { turn_id: turn.id } });
  await vi.waitFor(async () => {
    expect((await turn.extraction()).status).toBe("done");
  });
});
