/** Chat with agents of the application, on a real server. */

import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, vi } from "vitest";
import type { AgentCall, AgentFn, ChatEvent, ChatMessage } from "../src/index.js";
import { Deferred, errorOf, freshName, test, thrownBy } from "./support.js";

const SCOPE = { org: "acme", user: "alice" };

/** Returns the pieces of the reply among events, joined by bars. */
function pieces(events: readonly ChatEvent[]): string {
  return events.flatMap((each) => (each.type === "delta" ? [each.text] : [])).join("|");
}

async function collected(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("an agent", () => {
  test("answers, and what the user said is learned", async ({ memory }) => {
    const asked: [ChatMessage[], AgentCall][] = [];
    const session = await memory.sessions.create({
      scope: SCOPE,
      agentFn: async (messages, call) => {
        asked.push([messages, call]);
        // It may use the same client.
        const profile = await memory.profile({ scope: { user: messages[0]?.user_id ?? "" } });
        return `I know ${profile.attributes.length} things.`;
      },
    });
    await (await session.turn({ role: "user", content: "I live in Berlin." })).extraction();
    const result = await session.chat({ content: "I just moved to London." });

    expect(result.response).toBe("I know 0 things.");
    expect(result.extractionStatus).toBe("done");
    expect(result.extraction.updated).toMatchObject([
      { key: "location", value: "London", previousValue: "Berlin" },
    ]);
    expect(result.session).toMatchObject({ id: session.id, scope: SCOPE, turnCount: 3 });
    expect(session.info).toEqual(result.session);
    expect(result.turns.map(({ role, content }) => [role, content])).toEqual([
      ["user", "I just moved to London."],
      ["assistant", "I know 0 things."],
    ]);
    const [messages, call] = asked[0] ?? [];
    const ids = { org_id: "acme", user_id: "alice" };
    expect(messages).toEqual([
      { role: "user", content: "I live in Berlin.", ...ids },
      { role: "user", content: "I just moved to London.", ...ids },
    ]);
    expect(call).toMatchObject({ messageId: result.messageId, timeoutMs: 60_000, messages });
    // What was just said may have been learned by then.
    expect(call?.systemPrompt).toMatch(/Berlin|London/);
    expect(call?.profile.attributes.map((each) => each.key)).toEqual(["location"]);
    expect(call?.context[0]?.text).toMatch(/Berlin|London/);
    expect(call?.signal.aborted).toBe(false);
    const history = await session.history();
    expect(history.map((each) => each.role)).toEqual(["user", "user", "assistant"]);
  });

  const shapes: Record<string, AgentFn> = {
    "an async function": async () => Promise.resolve("Hello."),
    "a function": () => "Hello.",
    "an async generator": async function* () {
      yield "Hel";
      await pause(1);
      yield "";
      yield "lo.";
    },
    "a generator": function* () {
      yield "Hel";
      yield "lo.";
    },
    "an async function that returns a stream": async () =>
      Promise.resolve(ReadableStream.from(["Hel", "lo."])),
  };

  test.for(Object.keys(shapes))("may be %s", async (shape, { memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE, agentFn: shapes[shape] });
    const events = await collected(session.chatStream({ content: "Hello?" }));
    expect(pieces(events).replaceAll("|", "")).toBe("Hello.");
    expect(events.map((each) => each.type).filter((each) => each !== "delta")).toEqual([
      "recorded",
      "recorded",
      "done",
    ]);
    const last = events.at(-1);
    expect(last?.type === "done" && last.result.response).toBe("Hello.");
    const [user, reply] = await session.history();
    expect([user?.content, reply?.content]).toEqual(["Hello?", "Hello."]);
  });

  test("is heard as it speaks", async ({ memory }) => {
    const heard = new Deferred();
    const session = await memory.sessions.create({
      scope: SCOPE,
      agentFn: async function* () {
        yield "One";
        // It goes on only when its first word has been heard.
        await heard.promise;
        yield "Two";
      },
    });
    const events: ChatEvent[] = [];
    for await (const event of session.chatStream({ content: "Count." })) {
      events.push(event);
      if (event.type === "delta") heard.resolve();
    }
    expect(pieces(events)).toBe("One|Two");
  });

  test("is asked with as much history as wanted, and may be given to an opened session", async ({
    memory,
  }) => {
    const created = await memory.sessions.create({ scope: SCOPE });
    const content = "Row";
    await created.turns(Array.from({ length: 5 }, () => ({ role: "user", content })));
    const counts: number[] = [];
    const agentFn: AgentFn = (messages) => {
      counts.push(messages.length);
      return "Good.";
    };
    await memory.sessions.open(created.id, { agentFn, historyLimit: 2 }).chat({ content });
    await (await memory.sessions.get(created.id, { agentFn })).chat({ content });
    expect(counts).toEqual([3, 8]);
  });

  test("that waits for no extraction answers at once", async ({ memory }) => {
    const agentFn = (): string => "Good.";
    const options = { scope: SCOPE, agentFn, extractionTimeoutMs: 0 };
    const session = await memory.sessions.create(options);
    const result = await session.chat({ content: "I live in Berlin." });
    expect(result.response).toBe("Good.");
    const minTurn = result.turns[0]?.id;
    const profile = await memory.profile({ scope: SCOPE, minTurn });
    expect(profile.summary).toContain("Berlin");
  });
});

describe("messages", () => {
  test("of one id are one, with one answer", async ({ memory }) => {
    const agentFn = vi.fn(() => "Good.");
    const session = await memory.sessions.create({ scope: SCOPE, agentFn });
    const messageId = freshName();
    const message = { content: "I live in Berlin.", messageId };
    const first = await session.chat(message);
    const again = await session.chat(message);
    expect(again.response).toBe("Good.");
    expect(again.extraction).toEqual(first.extraction);
    expect(again.turns.map((each) => each.id)).toEqual(first.turns.map((each) => each.id));
    expect(agentFn).toHaveBeenCalledTimes(1);
    expect(await session.history()).toHaveLength(2);
    const error = await errorOf(session.chat({ ...message, content: "I live in Oslo." }));
    expect(error).toMatchObject({ name: "AlreadyExistsError", reason: "MESSAGE_ID_REUSED" });
  });

  test("sent together keep their order, and go on side by side", async ({ memory }) => {
    const all = new Deferred();
    let waiting = 0;
    const session = await memory.sessions.create({
      scope: SCOPE,
      agentFn: async (messages) => {
        waiting += 1;
        if (waiting === 4) all.resolve();
        await all.promise;
        return `You said ${messages.at(-1)?.content}.`;
      },
    });
    const contents = ["one", "two", "three", "four"];
    const results = await Promise.all(contents.map((content) => session.chat({ content })));
    expect(results.map((each) => each.response)).toEqual(contents.map((it) => `You said ${it}.`));
    const said = (await session.history()).filter((each) => each.role === "user");
    expect(said.map((each) => each.content)).toEqual(contents);
  });

  test("that the server refuses are told", async ({ memory }) => {
    const agentFn = (): string => "Good.";
    const session = await memory.sessions.create({ scope: SCOPE, agentFn });
    expect(await errorOf(session.chat({ content: " " }))).toMatchObject({
      name: "InvalidArgumentError",
      reason: "INVALID_FIELD",
    });
    expect(await errorOf(session.chat({ content: "Hello", messageId: "\n" }))).toMatchObject({
      reason: "INVALID_FIELD",
    });
    const greedy = memory.sessions.open(session.id, { agentFn, topK: 51 });
    expect(await errorOf(greedy.chat({ content: "Hello" }))).toMatchObject({
      name: "InvalidArgumentError",
      violations: [{ field: "open.top_k" }],
    });
    await session.close();
    expect(await errorOf(session.chat({ content: "Hello" }))).toMatchObject({
      name: "SessionClosedError",
    });
  });

  test("without an agent need the server's chat model", async ({ memory }) => {
    const session = await memory.sessions.create({ scope: SCOPE });
    const error = await errorOf(session.chat({ content: "Hello" }));
    expect(error).toMatchObject({ name: "NoChatModelError", reason: "NO_CHAT_MODEL" });
    const agentFn = "agent" as unknown as AgentFn;
    expect(() => memory.sessions.open(session.id, { agentFn })).toThrow("must be a function");
  });
});

describe("a message whose agent", () => {
  const failures: Record<string, [AgentFn, unknown]> = {
    throws: [
      () => {
        throw new RangeError("the secret cause");
      },
      { name: "RangeError", message: "the secret cause" },
    ],
    rejects: [
      async () => Promise.reject(new Error("the secret cause")),
      { message: "the secret cause" },
    ],
    "speaks and then dies": [
      async function* () {
        yield "Half a ";
        await pause(1);
        throw new Error("the secret cause");
      },
      { message: "the secret cause" },
    ],
    "answers nothing": [() => " ", { message: "the agent answered nothing" }],
    "answers no text": [
      () => 7 as unknown as string,
      { message: "an agent answers with text, or yields pieces of it, not number" },
    ],
    "never stops": [
      function* () {
        for (;;) yield "all work and no play ".repeat(100);
      },
      { message: "the agent's reply is longer than 32 KiB" },
    ],
  };

  test.for(Object.keys(failures))("%s fails, and can be sent again", async (how, { memory }) => {
    const [failing, cause] = failures[how] ?? [];
    const session = await memory.sessions.create({ scope: SCOPE, agentFn: failing });
    const message = { content: "I live in Berlin.", messageId: freshName() };
    const error = await errorOf(session.chat(message));
    expect(error).toMatchObject({ name: "AgentFailedError", code: "ABORTED", cause });
    expect(error.message).not.toContain("secret");
    expect((await session.history()).map((each) => each.content)).toEqual([message.content]);
    const agentFn = (): string => "Good.";
    const result = await memory.sessions.open(session.id, { agentFn }).chat(message);
    expect(result.response).toBe("Good.");
    expect(await session.history()).toHaveLength(2);
  });

  test("never answers times out, and the agent is told", async ({ memory }) => {
    const told = new Deferred<unknown>();
    const session = await memory.sessions.create({
      scope: SCOPE,
      agentTimeoutMs: 200,
      agentFn: async (_, { signal }) => {
        signal.addEventListener("abort", () => {
          told.resolve(signal.reason);
        });
        return new Promise(() => undefined);
      },
    });
    const error = await errorOf(session.chat({ content: "Hello?" }));
    expect(error).toMatchObject({ name: "AgentTimeoutError", code: "DEADLINE_EXCEEDED" });
    expect(await told.promise).toBeInstanceOf(Error);
    expect(await session.history()).toHaveLength(1);
  });
});

describe("a message that is given up", () => {
  test("by its signal ends for the agent and on the server", async ({ memory }) => {
    const given = new AbortController();
    const told = new Deferred<unknown>();
    const session = await memory.sessions.create({
      scope: SCOPE,
      agentFn: async (_, { signal }) => {
        signal.addEventListener("abort", () => {
          told.resolve(signal.reason);
        });
        given.abort(new Error("changed my mind"));
        return new Promise(() => undefined);
      },
    });
    const message = { content: "Hello?", messageId: freshName() };
    const thrown = await thrownBy(session.chat({ ...message, signal: given.signal }));
    expect(thrown).toBe(given.signal.reason);
    expect(await told.promise).toBe(given.signal.reason);
    expect(await thrownBy(session.chat({ ...message, signal: given.signal }))).toBe(
      given.signal.reason,
    );
    const agentFn = (): string => "Good.";
    const result = await memory.sessions.open(session.id, { agentFn }).chat(message);
    expect(result.response).toBe("Good.");
    expect(await session.history()).toHaveLength(2);
  });

  test("by leaving the stream stops the agent's generator", async ({ memory }) => {
    const stopped = new Deferred();
    const session = await memory.sessions.create({
      scope: SCOPE,
      agentFn: async function* () {
        try {
          for (;;) {
            yield "tick ";
            await pause(5);
          }
        } finally {
          stopped.resolve();
        }
      },
    });
    for await (const event of session.chatStream({ content: "Hello?" })) {
      if (event.type === "delta") break;
    }
    await stopped.promise;
    expect(await session.history()).toHaveLength(1);
  });

  test("by its deadline says how to go on", async ({ memory }) => {
    const session = await memory.sessions.create({
      scope: SCOPE,
      agentFn: async () => new Promise(() => undefined),
    });
    const message = { content: "Hello?", messageId: freshName(), timeoutMs: 300 };
    const error = await errorOf(session.chat(message));
    expect(error).toMatchObject({ name: "DeadlineExceededError", reason: "DEADLINE_EXCEEDED" });
    expect(error.message).toContain(message.messageId);
  });

  test("does not hold up the next", async ({ memory }) => {
    const given = new AbortController();
    const session = await memory.sessions.create({ scope: SCOPE, agentFn: () => "Good." });
    const first = thrownBy(session.chat({ content: "one", signal: given.signal }));
    const second = session.chat({ content: "two" });
    given.abort();
    expect(await first).toMatchObject({ name: "AbortError" });
    expect((await second).response).toBe("Good.");
  });
});
