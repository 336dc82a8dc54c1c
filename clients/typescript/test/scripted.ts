/** A server in this process that says what a test wants, to try what a real one rarely does. */

import { once } from "node:events";
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
} from "node:http2";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Spectron, type SpectronOptions } from "../src/index.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  type BadRequest_FieldViolation,
} from "../src/gen/google/rpc/error_details_pb.js";

export const QUICK_RETRY = { maxAttempts: 4, initialBackoffMs: 5, maxBackoffMs: 10 };

/** A server that runs until `stop`. */
export class ScriptedServer {
  readonly endpoint: string;
  readonly #server: Http2Server;
  readonly #sessions: Set<ServerHttp2Session>;

  private constructor(server: Http2Server, sessions: Set<ServerHttp2Session>) {
    this.#server = server;
    this.#sessions = sessions;
    const address = server.address();
    if (address === null) throw new Error("the server does not listen");
    this.endpoint = typeof address === "string" ? `unix:${address}` : `127.0.0.1:${address.port}`;
  }

  /**
   * Starts a server.
   *
   * @param routes - What it says.
   * @param options - `certificate`: with its key, for TLS; `socketPath`: a Unix socket to listen
   *   on instead of a port.
   */
  static async start(
    routes: (router: ConnectRouter) => void,
    options: { certificate?: { cert: Buffer; key: Buffer }; socketPath?: string } = {},
  ): Promise<ScriptedServer> {
    const handler = connectNodeAdapter({ routes });
    const server = options.certificate
      ? createSecureServer(options.certificate, handler)
      : createServer(handler);
    const sessions = new Set<ServerHttp2Session>();
    server.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
    });
    server.listen(options.socketPath ?? { port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    return new ScriptedServer(server, sessions);
  }

  client(options: SpectronOptions = {}): Spectron {
    return new Spectron({
      apiKey: "sk-secret-of-the-tests",
      endpoint: this.endpoint,
      retry: QUICK_RETRY,
      ...options,
    });
  }

  /** Breaks all connections, as a network would. */
  breakConnections(): void {
    for (const session of this.#sessions) session.destroy();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.breakConnections();
    await once(this.#server, "close");
  }
}

/** Returns an error as the server sends it. */
export function refusal(
  code: Code,
  reason: string,
  details: {
    metadata?: Record<string, string>;
    violations?: Pick<BadRequest_FieldViolation, "field" | "description">[];
    domain?: string;
  } = {},
): ConnectError {
  const { metadata = {}, violations = [], domain = "spectron" } = details;
  return new ConnectError("What went wrong.", code, undefined, [
    { desc: ErrorInfoSchema, value: { reason, domain, metadata } },
    ...(violations.length > 0
      ? [{ desc: BadRequestSchema, value: { fieldViolations: violations } }]
      : []),
  ]);
}
