/**
 * The TypeScript samples of the guides, compiled strictly and run as published against a real
 * server. What the guides say that happens is checked beside each sample.
 */

import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import type { ChatMessage, Memory, Profile, Session, Spectron } from "../../src/index.js";
import { compile } from "../application.js";
import { freshName } from "../support.js";
import {
  declaredBy,
  PERSONAL_ASSISTANT,
  type Sample,
  samplesOf,
  USER_MEMORY_IN_CHAT,
} from "./samples.js";

/** What the samples take for granted, by name. */
const PRELUDE: Readonly<Record<string, string>> = {
  yourLlm:
    "declare function yourLlm(prompt: " +
    "{ system: string; user?: string; messages?: ChatMessage[] }): Promise<string>;",
  userId: "declare const userId: string;",
  userMessage: "declare const userMessage: string;",
  memory: "declare const memory: Memory;",
  buildSystemPrompt: "declare function buildSystemPrompt(userId: string): Promise<string>;",
};

interface Prompt {
  system: string;
  user?: string;
  messages?: ChatMessage[];
}

let compiled: Map<string, string>;
const prompts: Prompt[] = [];

function nameOf({ guide, line }: Sample): string {
  return `${guide}-${line}`;
}

/** Returns a sample as a program: after what it takes for granted, with its names exported. */
function programOf({ code }: Sample): string {
  const declared = declaredBy(code);
  const granted = Object.keys(PRELUDE).filter((name) => !declared.includes(name));
  return [
    'import type { ChatMessage, Memory, Session } from "spectron";',
    ...granted.map((name) => PRELUDE[name] ?? ""),
    code,
    `export { ${declared.join(", ")} };`,
  ].join("\n");
}

/** Runs the sample that starts on a line, with what it takes for granted; returns its names. */
async function run<Names>(
  guide: string,
  line: number,
  granted: Readonly<Record<string, unknown>> = {},
): Promise<Names> {
  for (const [name, value] of Object.entries(granted)) vi.stubGlobal(name, value);
  const file = compiled.get(`${guide}-${line}`);
  if (file === undefined) throw new Error(`no sample starts on line ${line} of ${guide}`);
  // A query makes it another module, which runs again.
  return (await import(`${pathToFileURL(file).href}?${freshName()}`)) as Names;
}

const samples = [
  ...(await samplesOf(PERSONAL_ASSISTANT)),
  ...(await samplesOf(USER_MEMORY_IN_CHAT)),
];

beforeAll(async () => {
  vi.stubEnv("SPECTRON_ENDPOINT", inject("endpoint"));
  vi.stubGlobal("yourLlm", (prompt: Prompt) => {
    prompts.push(prompt);
    return Promise.resolve("Understood.");
  });
  const programs = new Map(samples.map((each) => [nameOf(each), programOf(each)]));
  compiled = await compile(inject("application"), programs);
});

afterEach(() => {
  prompts.length = 0;
});

afterAll(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** Waits until everything that was said in a user's sessions is known. */
async function learned(memory: Memory, userId: string): Promise<void> {
  for (const session of await memory.sessions.list({ scope: { user: userId } })) {
    for (const turn of await session.history()) await turn.extraction();
  }
}

test("exactly the TypeScript samples are found", () => {
  expect(samples.map((each) => [each.guide, each.line, each.code.split("\n")[0]])).toEqual([
    [PERSONAL_ASSISTANT, 29, 'import { Spectron } from "spectron";'],
    [PERSONAL_ASSISTANT, 52, "async function buildSystemPrompt(userId: string): Promise<string> {"],
    [
      PERSONAL_ASSISTANT,
      89,
      "async function chat(session: Session, userId: string, userMessage: string): Promise<string> {",
    ],
    [PERSONAL_ASSISTANT, 146, "const session = await memory.sessions.create({"],
    [PERSONAL_ASSISTANT, 174, "// Forget a specific attribute"],
    [USER_MEMORY_IN_CHAT, 44, 'import { Spectron } from "spectron";'],
    [USER_MEMORY_IN_CHAT, 95, "async function handleMessage("],
    [
      USER_MEMORY_IN_CHAT,
      133,
      "const profile = await memory.profile({ scope: { user: userId } });",
    ],
    [
      USER_MEMORY_IN_CHAT,
      161,
      "const entities = await memory.entities.list({ scope: { user: userId } });",
    ],
  ]);
});

describe("a personal assistant", () => {
  interface Start {
    client: Spectron;
    memory: Memory;
    startConversation: (userId: string) => Promise<Session>;
  }
  interface Prompting {
    buildSystemPrompt: (userId: string) => Promise<string>;
  }
  interface Chatting {
    chat: (session: Session, userId: string, userMessage: string) => Promise<string>;
  }

  test("learns, remembers, manages the agent and forgets", async () => {
    const userId = freshName();
    const { memory, startConversation } = await run<Start>(PERSONAL_ASSISTANT, 29);
    const { buildSystemPrompt } = await run<Prompting>(PERSONAL_ASSISTANT, 52, { memory });
    const { chat } = await run<Chatting>(PERSONAL_ASSISTANT, 89, { buildSystemPrompt });

    const first = await startConversation(userId);
    expect(first.scope).toEqual({ user: userId });
    expect(await buildSystemPrompt(userId)).toBe(
      "You are a personal AI assistant. Be concise, direct, and helpful.",
    );
    for (const said of [
      "I work at Globex as a chemist.",
      "I prefer bullet-point responses",
      "I'm currently working on a migration from CommonJS to ESM.",
      "I live in Berlin.",
      "I just moved from Berlin to London",
    ]) {
      expect(await chat(first, userId, said)).toBe("Understood.");
      await learned(memory, userId);
    }
    expect(prompts.map((each) => each.user)).toContain("I live in Berlin.");
    const known = await memory.profile({ scope: { user: userId } });
    const value = (key: string): string | undefined =>
      known.attributes.find((each) => each.key === key)?.value;
    expect(value("location")).toBe("London");
    const format = known.attributes.find((each) => each.key === "response_format");
    expect(format?.category).toBe("instructions");
    expect(format?.sourceTurn).toMatch(/^turn:/);
    const scope = { user: userId };
    const chain = await memory.entities.history({ scope, key: "location" });
    expect(chain.map((each) => [each.value, each.status])).toEqual([
      ["Berlin", "superseded"],
      ["London", "active"],
    ]);

    // A new session starts with what the first one taught.
    await chat(await startConversation(userId), userId, "Good morning");
    expect(prompts.at(-1)?.system).toContain("## What you know about this user");
    expect(prompts.at(-1)?.system).toContain("London");

    // The server drives the loop, and the agent uses the same client.
    const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const { session } = await run<{ session: Session }>(PERSONAL_ASSISTANT, 146, {
      memory,
      buildSystemPrompt,
      userId,
    });
    expect(printed).toHaveBeenCalledWith("Understood.");
    printed.mockRestore();
    expect(prompts.at(-1)?.system).toContain("London");
    expect(prompts.at(-1)?.messages).toEqual([
      { role: "user", content: "What are my current projects?", user_id: userId },
    ]);
    expect(session.info?.turnCount).toBe(2);

    // The guide's user is called alice, so that is whose employer the sample forgets.
    await memory.recordFact({
      scope,
      entityType: "Person",
      entityName: "alice",
      key: "employer",
      value: "Acme",
    });
    await run(PERSONAL_ASSISTANT, 174, { memory, userId });
    const left = await memory.profile({ scope });
    expect(left.attributes.map((each) => each.category)).not.toContain("context");
    expect(left.attributes.map((each) => each.value)).not.toContain("Acme");
    const [forgotten] = await memory.entities.history({
      scope,
      key: "employer",
      entityType: "Person",
      entityName: "alice",
    });
    expect(forgotten?.status).toBe("expired");
    expect(forgotten?.validUntil).toBeInstanceOf(Date);
  });
});

describe("user memory in chat", () => {
  interface Driven {
    memory: Memory;
    session: Session;
    reply: string;
  }
  interface Handling {
    handleMessage: (
      userId: string,
      sessionId: string | null,
      userMessage: string,
    ) => Promise<string>;
  }
  interface Injected {
    profile: Profile;
    system: string;
    instructions: unknown[];
    identity: { key: string }[];
  }

  test("builds up across sessions of either shape", async () => {
    const userId = freshName();
    const scope = { user: userId };
    const userMessage = "I work at Acme Corp as a backend engineer.";
    const driven = await run<Driven>(USER_MEMORY_IN_CHAT, 44, { userId, userMessage });
    expect(driven.reply).toBe("Understood.");
    const { memory } = driven;

    const { handleMessage } = await run<Handling>(USER_MEMORY_IN_CHAT, 95, { memory });
    await handleMessage(userId, null, "I prefer concise answers.");
    await learned(memory, userId);
    await handleMessage(userId, driven.session.id, "I just moved to the platform team.");
    await learned(memory, userId);
    expect(prompts.at(-1)?.system).toContain("## User context\n");
    expect(prompts.at(-1)?.system).toContain("## Relevant memory\n");
    expect((await driven.session.history()).map((each) => each.role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
    ]);

    const injected = await run<Injected>(USER_MEMORY_IN_CHAT, 133, { memory, userId });
    const known = Object.fromEntries(injected.profile.attributes.map((it) => [it.key, it.value]));
    expect(known).toMatchObject({ employer: "Acme Corp" });
    expect(known.role?.toLowerCase()).toBe("platform engineer");
    expect(known.response_style?.toLowerCase()).toContain("concise");
    expect(injected.system).toBe(`You are a helpful assistant.\n\n${injected.profile.summary}`);
    expect(injected.instructions).toHaveLength(1);
    expect(injected.identity.map((each) => each.key)).toContain("employer");
    const roles = await memory.entities.history({ scope, key: "role" });
    expect(roles.map((each) => each.value.toLowerCase())).toEqual([
      "backend engineer",
      "platform engineer",
    ]);

    const printed: unknown[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: unknown) => printed.push(line));
    await run(USER_MEMORY_IN_CHAT, 161, { memory, userId });
    spy.mockRestore();
    expect(printed).toContain(`Person/${userId}`);
    expect(printed).toContain(" employer: Acme Corp");
  });
});
