/** What the client makes of answers, failures, deadlines and signals, whatever the call. */

import { createServer, type AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, describe, expect, test } from "vitest";
import * as spectron from "../src/index.js";
import { Spectron, SpectronError } from "../src/index.js";
import { AdminService } from "../src/gen/spectron/v1/admin_service_pb.js";
import { MemoryService } from "../src/gen/spectron/v1/memory_service_pb.js";
import { TransferService } from "../src/gen/spectron/v1/transfer_service_pb.js";
import { QUICK_RETRY, refusal, ScriptedServer } from "./scripted.js";
import { errorOf, thrownBy } from "./support.js";

const SCOPE = { user: "alice" };

let running: ScriptedServer | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** Starts a server whose profiles are made by a function, and returns a client of it. */
async function withProfiles(
  getProfile: (
    call: { key: string | null; attempt: number; deadlineMs: number | undefined },
    signal: AbortSignal,
  ) => Promise<string> | string,
  options: spectron.SpectronOptions = {},
): Promise<{ client: Spectron; attempts: () => number }> {
  let attempt = 0;
  running = await ScriptedServer.start((router) =>
    router.service(MemoryService, {
      getProfile: async (_, context) => {
        attempt += 1;
        const key = context.requestHeader.get("authorization");
        const call = { key, attempt, deadlineMs: context.timeoutMs() };
        return { profile: { summary: await getProfile(call, context.signal) } };
      },
    }),
  );
  return { client: running.client(options), attempts: () => attempt };
}

describe("a failure", () => {
  test.each([
    [Code.InvalidArgument, "INVALID_PAGE_TOKEN", "InvalidArgumentError"],
    [Code.NotFound, "SESSION_NOT_FOUND", "NotFoundError"],
    [Code.AlreadyExists, "REQUEST_ID_REUSED", "AlreadyExistsError"],
    [Code.PermissionDenied, "ROLE_NOT_ALLOWED", "PermissionDeniedError"],
    [Code.Unauthenticated, "REVOKED_KEY", "UnauthenticatedError"],
    [Code.FailedPrecondition, "CONTEXT_NOT_EMPTY", "FailedPreconditionError"],
    [Code.FailedPrecondition, "SESSION_CLOSED", "SessionClosedError"],
    [Code.FailedPrecondition, "EXTRACTION_FAILED", "ExtractionFailedError"],
    [Code.FailedPrecondition, "NO_CHAT_MODEL", "NoChatModelError"],
    [Code.Aborted, "AGENT_FAILED", "AgentFailedError"],
    [Code.ResourceExhausted, "STORAGE_FULL", "ResourceExhaustedError"],
    [Code.DeadlineExceeded, "DEADLINE_EXCEEDED", "DeadlineExceededError"],
    [Code.DeadlineExceeded, "AGENT_TIMEOUT", "AgentTimeoutError"],
    [Code.Canceled, "MESSAGE_CANCELLED", "MessageCancelledError"],
    [Code.Unavailable, "SHUTTING_DOWN", "UnavailableError"],
    [Code.Internal, "INTERNAL", "InternalError"],
  ] as const)("of status %i for %s is a %s", async (code, reason, name) => {
    const { client } = await withProfiles(
      () => {
        throw refusal(code, reason, { metadata: { request_id: "r1" } });
      },
      { retry: { maxAttempts: 1 } },
    );
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name, reason, metadata: { request_id: "r1" } });
    expect(error).toBeInstanceOf(spectron[name]);
    expect(error.message).toBe("What went wrong.");
    expect(error.stack).not.toContain("sk-secret");
  });

  test("names the fields at fault", async () => {
    const violations = [{ field: "max_tokens", description: "must be 16 to 8000" }];
    const { client } = await withProfiles(() => {
      throw refusal(Code.InvalidArgument, "INVALID_FIELD", { violations });
    });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", violations });
  });

  test.each([
    ["A_REASON_TO_COME", "spectron"],
    ["SESSION_CLOSED", "example.com"],
    ["0", "spectron"],
  ])("with reason %s of %s is told by its status", async (reason, domain) => {
    const { client } = await withProfiles(() => {
      throw refusal(Code.FailedPrecondition, reason, { domain });
    });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "FailedPreconditionError", reason: "UNSPECIFIED" });
  });

  test("of a status without a class of its own is a SpectronError", async () => {
    const { client } = await withProfiles(() => {
      throw new ConnectError("Lost.", Code.DataLoss);
    });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "SpectronError", code: "DATA_LOSS" });
  });
});

describe("a call", () => {
  test("carries the key, and the deadline that is left", async () => {
    const seen: unknown[] = [];
    const { client } = await withProfiles(({ key, deadlineMs }) => {
      seen.push(key, Math.round((deadlineMs ?? 0) / 10_000));
      return "";
    });
    await client.memory().profile({ scope: SCOPE });
    await client.memory().profile({ scope: SCOPE, timeoutMs: 60_000 });
    const key = "Bearer sk-secret-of-the-tests";
    expect(seen).toEqual([key, 3, key, 6]);
  });

  test.each([
    [Code.Unavailable, "DATABASE_UNAVAILABLE"],
    [Code.ResourceExhausted, "OVERLOADED"],
  ])("is tried again after status %i for %s", async (code, reason) => {
    const { client } = await withProfiles(({ attempt }) => {
      if (attempt < 3) throw refusal(code, reason);
      return "Known.";
    });
    expect((await client.memory().profile({ scope: SCOPE })).summary).toBe("Known.");
  });

  test("is tried again when a server that stops has cut it off", async () => {
    const { client, attempts } = await withProfiles(({ attempt }) => {
      if (attempt === 1) throw new ConnectError("CANCELLED", Code.Canceled);
      return "Known.";
    });
    expect((await client.memory().profile({ scope: SCOPE })).summary).toBe("Known.");
    expect(attempts()).toBe(2);
  });

  test("is tried as often as the policy says", async () => {
    const { client, attempts } = await withProfiles(() => {
      throw refusal(Code.Unavailable, "DATABASE_UNAVAILABLE");
    });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "UnavailableError", reason: "DATABASE_UNAVAILABLE" });
    expect(attempts()).toBe(QUICK_RETRY.maxAttempts);
  });

  test.each([
    [Code.ResourceExhausted, "STORAGE_FULL"],
    [Code.Canceled, "MESSAGE_CANCELLED"],
  ])("is not tried again after status %i for %s", async (code, reason) => {
    const { client, attempts } = await withProfiles(() => {
      throw refusal(code, reason);
    });
    await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(attempts()).toBe(1);
  });

  test("goes on over another connection when one breaks", async () => {
    const { client, attempts } = await withProfiles(({ attempt }) => {
      if (attempt === 1) running?.breakConnections();
      return "Known.";
    });
    expect((await client.memory().profile({ scope: SCOPE })).summary).toBe("Known.");
    expect(attempts()).toBe(2);
  });

  test("ends with its deadline", async () => {
    const { client } = await withProfiles(async (_, signal) => pause(30_000, "late", { signal }), {
      timeoutMs: 100,
    });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "DeadlineExceededError", code: "DEADLINE_EXCEEDED" });
    expect(error.message).toContain("Pass a larger timeoutMs");
  });

  test("rejects with its signal's reason", async () => {
    const given = new AbortController();
    const { client, attempts } = await withProfiles(async (_, signal) => {
      given.abort(new Error("changed my mind"));
      return pause(30_000, "late", { signal });
    });
    const memory = client.memory();
    const call = memory.profile({ scope: SCOPE, signal: given.signal });
    expect(await thrownBy(call)).toBe(given.signal.reason);
    expect(await thrownBy(memory.profile({ scope: SCOPE, signal: given.signal }))).toBe(
      given.signal.reason,
    );
    expect(attempts()).toBe(1);
  });

  test("is given up between attempts as well", async () => {
    const given = new AbortController();
    const { client } = await withProfiles(
      () => {
        setTimeout(() => {
          given.abort();
        }, 20);
        throw refusal(Code.Unavailable, "DATABASE_UNAVAILABLE");
      },
      { retry: { initialBackoffMs: 20_000, maxBackoffMs: 20_000 } },
    );
    const thrown = await thrownBy(
      client.memory().profile({ scope: SCOPE, signal: given.signal, timeoutMs: 90_000 }),
    );
    expect(thrown).toMatchObject({ name: "AbortError" });
  });

  test("cannot be made on a closed client", async () => {
    const { client } = await withProfiles(() => "");
    await client[Symbol.asyncDispose]();
    await expect(client.memory().profile({ scope: SCOPE })).rejects.toThrow("client is closed");
  });

  test("under way fails when the client is closed", async () => {
    const { client } = await withProfiles(async (_, signal) => {
      client.close();
      return pause(30_000, "late", { signal });
    });
    await expect(client.memory().profile({ scope: SCOPE })).rejects.toThrow("client is closed");
  });
});

describe("a change", () => {
  test("keeps its request id when it is tried again, and has one of its own", async () => {
    const ids: string[] = [];
    running = await ScriptedServer.start((router) =>
      router.service(MemoryService, {
        forget: ({ requestId }) => {
          ids.push(requestId);
          if (ids.length < 3) throw refusal(Code.Unavailable, "DATABASE_UNAVAILABLE");
          return {};
        },
      }),
    );
    const memory = running.client().memory();
    await memory.forget({ scope: SCOPE, category: "context" });
    await memory.forget({ scope: SCOPE, category: "context" });
    await memory.forget({ scope: SCOPE, category: "context", requestId: "mine" });
    expect(ids[0]).toMatch(/^[\w-]{16,}$/);
    expect([ids[1], ids[2]]).toEqual([ids[0], ids[0]]);
    expect(ids[3]).not.toBe(ids[0]);
    expect(ids[4]).toBe("mine");
  });

  test("that returns a secret is not tried again", async () => {
    let attempts = 0;
    running = await ScriptedServer.start((router) =>
      router.service(AdminService, {
        createKey: () => {
          attempts += 1;
          throw refusal(Code.Unavailable, "DATABASE_UNAVAILABLE");
        },
      }),
    );
    await errorOf(running.client().admin.keys.create({ role: "read" }));
    expect(attempts).toBe(1);
  });
});

describe("a stream", () => {
  test("is tried again until its first message", async () => {
    let attempts = 0;
    running = await ScriptedServer.start((router) =>
      router.service(TransferService, {
        exportContext: async function* () {
          attempts += 1;
          if (attempts === 2) yield { record: { record: { case: "session", value: { id: "s" } } } };
          await pause(1);
          throw refusal(Code.Unavailable, "DATABASE_UNAVAILABLE");
        },
      }),
    );
    const kinds: string[] = [];
    const reading = (async () => {
      for await (const { kind } of running.client().memory().export()) kinds.push(kind);
    })();
    expect(await errorOf(reading)).toMatchObject({ name: "UnavailableError" });
    expect([attempts, kinds]).toEqual([2, ["session"]]);
  });

  test("of an unknown kind of record is an error, not a gap", async () => {
    running = await ScriptedServer.start((router) =>
      router.service(TransferService, {
        exportContext: async function* () {
          yield await Promise.resolve({ record: {} });
        },
      }),
    );
    const records = running.client().memory().export();
    expect((await errorOf(records.next())).message).toContain("upgrade the client");
  });

  test("that is left early ends on the server", async () => {
    const left = new Promise<void>((resolve) => {
      void ScriptedServer.start((router) =>
        router.service(TransferService, {
          exportContext: async function* (_, { signal }) {
            signal.addEventListener("abort", () => {
              resolve();
            });
            for (;;) {
              yield { record: { record: { case: "session", value: { id: "s" } } } };
              await pause(1, undefined, { signal });
            }
          },
        }),
      ).then(async (server) => {
        running = server;
        const records = server.client().memory().export();
        await records.next();
        await records.return();
      });
    });
    await left;
  });
});

describe("a server that cannot be reached", () => {
  test("is told by its address, with what to do", async () => {
    const client = new Spectron({ apiKey: "sk-x", endpoint: "127.0.0.1:1", retry: QUICK_RETRY });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "UnavailableError", code: "UNAVAILABLE" });
    expect(error.message).toContain("No Spectron server could be reached at 127.0.0.1:1");
    expect(error.message).toContain("spectron serve");
  });

  test("because its name is none is told", async () => {
    const client = new Spectron({
      apiKey: "sk-x",
      endpoint: "nowhere.invalid",
      retry: { maxAttempts: 1 },
    });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "UnavailableError" });
  });

  test("because it does not use TLS is told", async () => {
    await withProfiles(() => "");
    const client = new Spectron({
      apiKey: "sk-x",
      endpoint: running?.endpoint,
      tls: true,
      retry: { maxAttempts: 1 },
    });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toMatchObject({ name: "UnavailableError" });
    expect(error.message).toContain("does not use TLS");
  });

  test("because it does not answer ends with the deadline", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => {
      silent.listen(0, "127.0.0.1", resolve);
    });
    const { port } = silent.address() as AddressInfo;
    const client = new Spectron({ apiKey: "sk-x", endpoint: `127.0.0.1:${port}`, timeoutMs: 200 });
    const error = await errorOf(client.memory().profile({ scope: SCOPE }));
    expect(error).toBeInstanceOf(SpectronError);
    expect(error.code).toBe("DEADLINE_EXCEEDED");
    client.close();
    silent.close();
  });
});
