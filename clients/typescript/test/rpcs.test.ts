/**
 * Every RPC of the API is reached by the client, on a real server.
 *
 * The list comes from the generated descriptors of the files under `proto/`, all of which must be
 * among them: an RPC without a call below fails here.
 */

import { readdir } from "node:fs/promises";
import path from "node:path";
import type { DescFile, DescMethod } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { file_spectron_v1_admin_service } from "../src/gen/spectron/v1/admin_service_pb.js";
import { file_spectron_v1_chat_service } from "../src/gen/spectron/v1/chat_service_pb.js";
import { file_spectron_v1_memory_service } from "../src/gen/spectron/v1/memory_service_pb.js";
import { file_spectron_v1_session_service } from "../src/gen/spectron/v1/session_service_pb.js";
import { file_spectron_v1_transfer_service } from "../src/gen/spectron/v1/transfer_service_pb.js";
import { file_spectron_v1_turn_service } from "../src/gen/spectron/v1/turn_service_pb.js";
import type { Memory, Session, Spectron, Turn } from "../src/index.js";
import { Transport } from "../src/transport.js";
import { connected, errorOf, freshName } from "./support.js";

const PROTO = path.resolve(import.meta.dirname, "../../../proto/spectron/v1");
const FILES: readonly DescFile[] = [
  file_spectron_v1_admin_service,
  file_spectron_v1_chat_service,
  file_spectron_v1_memory_service,
  file_spectron_v1_session_service,
  file_spectron_v1_transfer_service,
  file_spectron_v1_turn_service,
];
const METHODS: readonly DescMethod[] = FILES.flatMap((file) =>
  file.services.flatMap((service) => service.methods),
);

/** Things that exist on the server, for the calls to be about. */
interface World {
  client: Spectron;
  memory: Memory;
  session: Session;
  turn: Turn;
  unknownId: string;
}

const SCOPE = { user: "alice" };

/** A call of the client for every RPC, by the RPC's name. */
const CALLS: Readonly<Record<string, (world: World) => PromiseLike<unknown>>> = {
  CreateContext: ({ client }) => client.admin.contexts.create(freshName()),
  ListContexts: ({ client }) => client.admin.contexts.list({ limit: 1 }),
  CreateKey: ({ client, memory }) =>
    client.admin.keys.create({ role: "read", contextId: memory.contextId }),
  ListKeys: ({ client }) => client.admin.keys.list({ contextId: "*", limit: 1 }),
  RevokeKey: async ({ client, memory }) => {
    const { contextId } = memory;
    const { key } = await client.admin.keys.create({ role: "read", contextId });
    return client.admin.keys.revoke(key.id);
  },
  EraseScope: ({ client, memory }) =>
    client.admin.eraseScope({ scope: { user: "nobody" }, contextId: memory.contextId }),
  GetStats: ({ client, memory }) => client.admin.stats({ contextId: memory.contextId }),
  ListAuditEntries: ({ client, memory }) =>
    client.admin.audit({ scope: SCOPE, contextId: memory.contextId, limit: 1 }),
  CreateSession: ({ memory }) => memory.sessions.create({ scope: SCOPE }),
  GetSession: ({ memory, session }) => memory.sessions.get(session.id),
  ListSessions: ({ memory }) => memory.sessions.list({ scope: SCOPE, limit: 1 }),
  CloseSession: async ({ memory }) => (await memory.sessions.create({ scope: SCOPE })).close(),
  RecordTurn: ({ session }) => session.turn({ role: "user", content: "I play the cello." }),
  RecordTurns: ({ session }) => session.turns([{ role: "user", content: "I like tea." }]),
  ListTurns: ({ session }) => session.history({ limit: 1 }),
  GetExtraction: ({ turn }) => turn.extraction(),
  // Its turn has not failed, which the server says.
  RetryExtraction: async ({ turn }) => {
    expect(await errorOf(turn.retryExtraction())).toMatchObject({
      reason: "EXTRACTION_NOT_FAILED",
    });
  },
  GetProfile: ({ memory }) => memory.profile({ scope: SCOPE }),
  GetContext: ({ session }) => session.context({ query: "Where do I live?" }),
  Forget: ({ memory }) => memory.forget({ scope: SCOPE, attributeKey: "pet" }),
  RecordFact: ({ memory }) => memory.recordFact({ scope: SCOPE, key: "employer", value: "Acme" }),
  ListEntities: ({ memory }) => memory.entities.list({ scope: SCOPE, limit: 1 }),
  GetEntity: ({ memory }) =>
    memory.entities.get({ scope: SCOPE, entityType: "Person", entityName: "alice" }),
  GetAttributeHistory: ({ memory }) => memory.entities.history({ scope: SCOPE, key: "location" }),
  ListUnknowns: ({ memory }) => memory.unknowns.list({ scope: SCOPE, limit: 1 }),
  ResolveUnknown: ({ memory, unknownId }) => memory.unknowns.resolve(unknownId, { dismiss: true }),
  ExportContext: async ({ memory }) => (await memory.export().next()).value,
  ImportContext: ({ client }) => client.memory({ contextId: freshName() }).import([]),
  Chat: ({ memory, session }) =>
    memory.sessions.open(session.id, { agentFn: () => "Good." }).chat({ content: "How are you?" }),
};

let world: World;

beforeAll(async () => {
  const client = connected();
  const memory = client.memory({ contextId: freshName() });
  const session = await memory.sessions.create({ scope: SCOPE });
  const content = "I live in Berlin. I might move to Lisbon.";
  const turn = await session.turn({ role: "user", content });
  await turn.extraction();
  const [unknown] = await memory.unknowns.list({ scope: SCOPE });
  world = { client, memory, session, turn, unknownId: unknown?.id ?? "" };
});

afterAll(() => {
  world.client.close();
});

/** Returns the methods that a call of the client reached, each once. */
async function reachedBy(call: () => PromiseLike<unknown>): Promise<Set<DescMethod>> {
  const spies = [
    vi.spyOn(Transport.prototype, "unary"),
    vi.spyOn(Transport.prototype, "stream"),
    vi.spyOn(Transport.prototype, "upload"),
    vi.spyOn(Transport.prototype, "duplex"),
  ];
  try {
    await call();
    return new Set(spies.flatMap((spy) => spy.mock.calls.map(([method]) => method)));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe("the client", () => {
  test.each(METHODS)("reaches $name", async (method) => {
    const call = CALLS[method.name];
    if (call === undefined) throw new Error(`no call of the client reaches ${method.name}`);
    const reached = await reachedBy(() => call(world));
    expect([...reached].map((each) => each.name)).toContain(method.name);
  });

  test("has no call here for what is no RPC", () => {
    expect(Object.keys(CALLS).sort()).toEqual(METHODS.map((each) => each.name).sort());
  });
});

test("every service under proto/ is among the descriptors", async () => {
  const files = await readdir(PROTO);
  const services = files.filter((each) => each.endsWith("_service.proto"));
  expect(services.map((each) => `spectron/v1/${each.replace(/\.proto$/, "")}`).sort()).toEqual(
    FILES.map((each) => each.name).sort(),
  );
});
