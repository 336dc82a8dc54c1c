/** Chat through broken connections and dying servers: each message once, whatever happens. */

import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { type ChatEvent, type Memory, type Session, Spectron } from "../src/index.js";
import { deleteDataDirectory, makeDataDirectory, Server } from "./server.js";
import { Deferred, errorOf, freshName } from "./support.js";
import { Wire } from "./wire.js";

const SCOPE = { user: "alice" };

/** Returns what was said in a session, by role. */
async function said(session: Session): Promise<string[]> {
  return (await session.history()).map(({ role, content }) => `${role}: ${content}`);
}

describe("over a line that breaks", () => {
  let wire: Wire;
  let client: Spectron;
  let memory: Memory;

  beforeAll(async () => {
    wire = await Wire.to(inject("endpoint"));
    client = new Spectron({ apiKey: inject("apiKey"), endpoint: wire.endpoint });
  });

  beforeEach(() => {
    memory = client.memory({ contextId: freshName() });
  });

  afterAll(async () => {
    client.close();
    await wire.close();
  });

  test("an agent at work goes on, and is not called again", async () => {
    const agentFn = vi.fn(async () => {
      wire.cut();
      await pause(50);
      return "Good.";
    });
    const session = await memory.sessions.create({ scope: SCOPE, agentFn });
    const result = await session.chat({ content: "I live in Berlin." });
    expect(result.response).toBe("Good.");
    expect(result.extraction.added).toHaveLength(1);
    expect(agentFn).toHaveBeenCalledTimes(1);
    expect(await said(session)).toEqual(["user: I live in Berlin.", "assistant: Good."]);
  });

  test("a reply that is there already is not made again", async () => {
    const agentFn = vi.fn(() => {
      // The reply exists before anybody notices that the line is gone.
      wire.cut();
      return "Good.";
    });
    const session = await memory.sessions.create({ scope: SCOPE, agentFn });
    expect((await session.chat({ content: "Hello?" })).response).toBe("Good.");
    expect(agentFn).toHaveBeenCalledTimes(1);
    expect(await said(session)).toEqual(["user: Hello?", "assistant: Good."]);
  });

  test("pieces of a reply are told once each", async () => {
    const agentFn = vi.fn(async function* () {
      for (const piece of ["One ", "two ", "three ", "four."]) {
        yield piece;
        if (piece === "two ") wire.cut();
        await pause(20);
      }
    });
    const session = await memory.sessions.create({ scope: SCOPE, agentFn });
    const events: ChatEvent[] = [];
    for await (const event of session.chatStream({ content: "Count." })) events.push(event);
    const pieces = events.flatMap((each) => (each.type === "delta" ? [each.text] : []));
    expect(pieces).toEqual(["One ", "two ", "three ", "four."]);
    const turns = events.flatMap((each) => (each.type === "recorded" ? each.turns : []));
    expect(turns.map((each) => each.role)).toEqual(["user", "assistant"]);
    expect(agentFn).toHaveBeenCalledTimes(1);
    expect(await said(session)).toEqual(["user: Count.", "assistant: One two three four."]);
  });

  test("what is learned is told all the same", async () => {
    const session = await memory.sessions.create({ scope: SCOPE, agentFn: () => "Good." });
    let cuts = 0;
    for await (const event of session.chatStream({ content: "I live in Berlin." })) {
      if (event.type === "recorded") {
        cuts += 1;
        wire.cut();
      }
      if (event.type === "done") {
        expect(event.result.extraction.added[0]?.value).toBe("Berlin");
      }
    }
    expect(cuts).toBe(2);
    expect(await said(session)).toHaveLength(2);
  });

  test("several messages all come through", async () => {
    let asked = 0;
    const agentFn = vi.fn(async () => {
      asked += 1;
      if (asked === 3) wire.cut();
      await pause(30);
      return "Good.";
    });
    const session = await memory.sessions.create({ scope: SCOPE, agentFn });
    const contents = ["one", "two", "three", "four"];
    await Promise.all(contents.map((content) => session.chat({ content })));
    expect(agentFn).toHaveBeenCalledTimes(4);
    expect((await said(session)).sort()).toEqual([
      ...Array.from({ length: 4 }, () => "assistant: Good."),
      ...["four", "one", "three", "two"].map((content) => `user: ${content}`),
    ]);
  });

  test("another client goes on with a message whose client vanished", async () => {
    const message = { content: "I live in Berlin.", messageId: freshName() };
    const working = new Deferred();
    const vanishing = new Spectron({ apiKey: inject("apiKey"), endpoint: wire.endpoint });
    const session = await memory.sessions.create({ scope: SCOPE });
    const lost = vanishing
      .memory({ contextId: memory.contextId })
      .sessions.open(session.id, {
        agentFn: async () => {
          working.resolve();
          return new Promise(() => undefined);
        },
      })
      .chat(message);
    lost.catch(() => undefined);
    await working.promise;
    vanishing.close();
    await expect(lost).rejects.toThrow("client is closed");
    const agentFn = (): string => "Good.";
    const result = await memory.sessions.open(session.id, { agentFn }).chat(message);
    expect(result.response).toBe("Good.");
    expect(result.extraction.added).toHaveLength(1);
    expect(await said(session)).toEqual(["user: I live in Berlin.", "assistant: Good."]);
  });
});

describe("with a server of its own", () => {
  let directory: string;
  let settings: Record<string, string>;
  let server: Server;
  let client: Spectron;
  let model: ChatModel;

  beforeAll(async () => {
    model = await ChatModel.start();
    directory = await makeDataDirectory(inject("dataDirectory"));
    settings = {
      SPECTRON_FIRST_KEY: "sk-of-the-faults",
      SPECTRON_CHAT_URL: model.url,
      SPECTRON_CHAT_MODEL: "model",
    };
    server = await Server.start(directory, settings);
    // The next server is to be found at the same place.
    settings.SPECTRON_LISTEN = server.endpoint;
    client = new Spectron({ apiKey: "sk-of-the-faults", endpoint: server.endpoint });
  });

  afterAll(async () => {
    client.close();
    await server.stop();
    await model.stop();
    await deleteDataDirectory(directory);
  });

  test("a message outlives a server that is killed while the agent works", async () => {
    const memory = client.memory({ contextId: "killed" });
    const agentFn = vi.fn(async () => {
      await server.kill();
      server = await Server.start(directory, settings);
      return "Good.";
    });
    const session = await memory.sessions.create({ scope: SCOPE, agentFn });
    const result = await session.chat({ content: "I live in Berlin." });
    expect(result.response).toBe("Good.");
    expect(result.extraction.added[0]?.value).toBe("Berlin");
    expect(agentFn).toHaveBeenCalledTimes(1);
    expect(await said(session)).toEqual(["user: I live in Berlin.", "assistant: Good."]);
  });

  test("a message outlives a server that is stopped for good manners", async () => {
    const memory = client.memory({ contextId: "drained" });
    const stopping = new Deferred();
    const agentFn = vi.fn(async () => {
      void server.stop().then(() => {
        stopping.resolve();
      });
      await pause(200);
      return "Good.";
    });
    const session = await memory.sessions.create({ scope: SCOPE, agentFn });
    const chat = session.chat({ content: "I live in Berlin." });
    await stopping.promise;
    server = await Server.start(directory, settings);
    expect((await chat).response).toBe("Good.");
    expect(agentFn).toHaveBeenCalledTimes(1);
    expect(await said(session)).toEqual(["user: I live in Berlin.", "assistant: Good."]);
  });

  test("the server's own model answers a session without an agent, piece by piece", async () => {
    const memory = client.memory({ contextId: "model" });
    const session = await memory.sessions.create({ scope: SCOPE });
    model.pieces = ["In ", "Berlin."];
    const events: ChatEvent[] = [];
    for await (const event of session.chatStream({ content: "I live in Berlin. Where?" })) {
      events.push(event);
    }
    expect(events.map((each) => (each.type === "delta" ? each.text : each.type))).toEqual([
      "recorded",
      "In ",
      "Berlin.",
      "recorded",
      "done",
    ]);
    const result = await session.chat({ content: "Are you sure?" });
    expect(result.response).toBe("In Berlin.");
    expect(result.session.turnCount).toBe(4);
    model.pieces = [];
    const error = await errorOf(session.chat({ content: "Hello?" }));
    expect(error).toMatchObject({ name: "AgentFailedError", reason: "AGENT_FAILED" });
  });
});

/** A chat model behind an OpenAI-compatible endpoint, which says what it is given. */
class ChatModel {
  pieces: readonly string[] = [];
  readonly url: string;
  readonly #server: HttpServer;

  private constructor(server: HttpServer) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  static async start(): Promise<ChatModel> {
    const server = createHttpServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/event-stream" });
      const chunk = (content: string | null, finish_reason: string | null): string => {
        const choices = [{ index: 0, delta: { role: "assistant", content }, finish_reason }];
        const rest = { id: "c", object: "chat.completion.chunk", created: 1, model: "model" };
        return `data: ${JSON.stringify({ ...rest, choices })}\n\n`;
      };
      for (const piece of model.pieces) response.write(chunk(piece, null));
      response.end(`${chunk(null, "stop")}data: [DONE]\n\n`);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const model = new ChatModel(server);
    return model;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
